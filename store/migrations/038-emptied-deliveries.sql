-- Of every delivery that was believed only what it said goes, whatever became of it: sent again, it must be known.
drop index deliveries_to_empty;
drop index deliveries_to_remove;
create index deliveries_to_empty on deliveries (received_at) where emptied_at is null and believed and outcome <> 'received';
create index deliveries_to_remove on deliveries (received_at) where not believed;
