-- The register of assets, vendors, contracts and orders, for those who keep none elsewhere.

-- What is searched for, word by word and by how a word begins. Tags, serial numbers and addresses count as a whole too.
create function register_words(names text[], texts text[]) returns tsvector
  language sql immutable parallel safe as $$
  select array_to_tsvector(coalesce(array_agg(distinct left(word, 200)), '{}'))
  from (
    select lower(name) as word from unnest(names) as name
    union all
    select part from unnest(names || texts) as each, regexp_split_to_table(lower(each), '[\s,;:/()@._"''&+-]+') as part
  ) as words
  where word is not null and word <> ''
$$;

create table assets (
  id             bigint generated always as identity primary key,
  tag            text not null check (tag <> ''),
  serial_number  text check (serial_number <> ''),
  model          text not null,
  name           text,
  status         text not null,
  assigned_to    text,
  expected_back  date,
  warranty_ends  date,
  life_ends      date,
  bought_on      date,
  price          numeric(14, 2),
  vendor         text,
  purchase_order text,
  location       text,
  notes          text,
  revision       integer not null default 1,
  changed_at     timestamptz not null default now(),
  words          tsvector generated always as (
    register_words(array[tag, serial_number, assigned_to], array[model, name, vendor, location])
  ) stored
);
create unique index assets_tag on assets (lower(tag) collate "C" text_pattern_ops);
create unique index assets_serial_number on assets (lower(serial_number) collate "C" text_pattern_ops);
create index assets_person on assets (lower(assigned_to) collate "C", tag collate "C");
create index assets_model on assets (lower(model) collate "C" text_pattern_ops, tag collate "C");
create index assets_status on assets (lower(status) collate "C", tag collate "C");
create index assets_warranty on assets (warranty_ends);
create index assets_life on assets (life_ends);
create index assets_by_tag on assets (tag collate "C");
create index assets_words on assets using gin (words);
create sequence asset_tags;

create table vendors (
  id             bigint generated always as identity primary key,
  name           text not null check (name <> ''),
  email          text,
  phone          text,
  website        text,
  account_number text,
  notes          text
);
create unique index vendors_name on vendors (lower(name) collate "C");

create table contracts (
  id               bigint generated always as identity primary key,
  number           text not null check (number <> ''),
  vendor           text not null,
  kind             text not null,
  what             text not null,
  owner            text,
  contact          text,
  starts_on        date,
  ends_on          date,
  notice_by        date,
  renews           boolean,
  yearly           numeric(14, 2),
  currency         text,
  seats            integer,
  notes            text,
  notice_given_on  date,
  notice_reference text
);
create unique index contracts_number on contracts (lower(number) collate "C");
create index contracts_notice on contracts (notice_by);
create index contracts_end on contracts (ends_on);
create index contracts_vendor on contracts (lower(vendor) collate "C");

create table purchase_orders (
  id          bigint generated always as identity primary key,
  number      text not null check (number <> ''),
  vendor      text not null,
  ordered_on  date not null,
  expected_on date,
  currency    text,
  cancelled   boolean not null default false
);
create unique index purchase_orders_number on purchase_orders (lower(number) collate "C");
create table purchase_order_lines (
  order_id    bigint not null references purchase_orders (id),
  line        integer not null,
  description text not null,
  part_number text,
  quantity    integer not null check (quantity > 0),
  unit_price  numeric(14, 2),
  delivered   integer not null default 0 check (delivered >= 0),
  primary key (order_id, line)
);

-- Each file that was imported, with its digest.
create table register_imports (
  id        bigint generated always as identity primary key,
  at        timestamptz not null default now(),
  by        text not null,
  file      text not null,
  sha256    text not null,
  added     integer not null,
  changed   integer not null,
  unchanged integer not null,
  missing   integer not null
);

-- All that became of anything in the register, and who did it. Who has had an asset, and when, is read from here.
create table register_history (
  id        bigint generated always as identity primary key,
  kind      text not null,
  subject   bigint not null,
  at        timestamptz(3) not null default now(),
  by        text not null,
  what      text not null,
  before    jsonb not null,
  after     jsonb not null,
  note      text,
  import_id bigint references register_imports (id)
);
create index register_history_subject on register_history (kind, subject, id);

-- Against accidents, as of audit records.
create function register_history_refuse() returns trigger language plpgsql as $$
begin
  raise exception 'the history of the register is never changed or removed (% on %)', tg_op, tg_table_name;
end $$;
create trigger register_history_kept before update or delete on register_history
  for each row execute function register_history_refuse();
create trigger register_history_not_emptied before truncate on register_history
  for each statement execute function register_history_refuse();
create trigger register_imports_kept before update or delete on register_imports
  for each row execute function register_history_refuse();
create trigger register_imports_not_emptied before truncate on register_imports
  for each statement execute function register_history_refuse();
