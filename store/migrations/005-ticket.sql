-- A later change of a ticket looks for the run that it started.
create index runs_ticket on runs ((ticket->>'system'), (ticket->>'key')) where ended_at is null;
