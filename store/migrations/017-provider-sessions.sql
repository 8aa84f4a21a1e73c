-- By what a provider knows a session: it may end it from its side. Its ID token, sealed, is shown to it when somebody signs out here.
alter table sessions add column subject text;
alter table sessions add column sid text;
alter table sessions add column id_token text;
create index sessions_of_provider on sessions (issuer, subject);

-- Logout tokens that were obeyed: none counts twice, and no sign-in that was under way meanwhile becomes a session.
create table logout_tokens (
  issuer      text not null,
  jti         text not null,
  subject     text,
  sid         text,
  issued_at   timestamptz not null,
  expires_at  timestamptz not null,
  received_at timestamptz not null default now(),
  primary key (issuer, jti)
);
