-- Orders to suppliers are looked up by their number: in what the step that ordered gave, and in what was told of them since.
create index journal_orders on journal ((data->'output'->>'orderId'))
  where kind = 'step.succeeded' and data->'output' ? 'lines';
create index events_orders on events (key) where name like 'order.%';
