-- A ticket keeps its id when it moves to another project, and its key changes.
create index runs_ticket_id on runs ((ticket->>'system'), (ticket->>'id')) where ended_at is null;
