-- A message that cannot be sent is tried again at once, or set aside, by a person: then sent_at says when, and this who did and why.
alter table outbox add column set_aside jsonb;
alter table outbox add column tried_again jsonb;
