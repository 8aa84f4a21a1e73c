-- What each delivery is about, and where it stands among those of its ticket: by the system's own number, else by its own moment.
alter table deliveries add column ticket_id text;
alter table deliveries add column number bigint;
alter table deliveries add column changed_at timestamptz;
-- Where the ticket moved to, or that it is gone.
alter table deliveries add column became jsonb;
alter table deliveries add column changed text[];
create index deliveries_ticket on deliveries (system, ticket_id, number) where ticket_id is not null;
create index deliveries_unsettled on deliveries (received_at) where outcome = 'received' and believed;
