-- Who is signed in with a browser. The cookie's value is nowhere but in the browser: here is its hash.
create table sessions (
  hash       bytea primary key,
  person     text not null,
  name       text,
  -- Roles that the provider's claims gave at sign-in; those of the configuration are looked up each time.
  roles      text[] not null default '{}',
  how        text not null check (how in ('local', 'oidc')),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  seen_at    timestamptz not null default now()
);
create index sessions_expires on sessions (expires_at);

-- One-time codes by mail, as keyed hashes. One without a hash was asked for by somebody who may not sign in: it only counts.
create table sign_in_codes (
  id         bigint generated always as identity primary key,
  person     text not null,
  hash       bytea,
  remote     text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  tries      integer not null default 0,
  used_at    timestamptz
);
create index sign_in_codes_person on sign_in_codes (person, created_at);
create index sign_in_codes_remote on sign_in_codes (remote, created_at);
create index sign_in_codes_created on sign_in_codes (created_at);

-- Whether something ever waited for, or was asked for by, a person.
create index runs_requester on runs (lower(requester));
-- Why a step is parked: its newest entry that says so.
create index journal_parked on journal (run_id, step, seq desc) where kind = 'step.parked';
