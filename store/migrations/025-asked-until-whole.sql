-- From now on a run that has ended is asked until its journal is whole, and not after that.
update runs set asked_at = null where ended_at is not null;
