-- Where a message goes that goes by chat: null for one by mail.
alter table outbox add column chat jsonb;
