-- What a run is about, in its runbook's own words.
alter table runs add column subject text;
