/** The words by which runs are found, and the people whom they concern: kept beside the run as its journal tells of them. */
import type { Json } from '../plan/values.ts';
import type { JournalEntry } from '../workflows/journal.ts';
import type { Ticket } from '../workflows/messages.ts';
import type { Query } from './database.ts';

/** Of one run; what it is about comes first. */
const mostWords = 1_000;
/** Of an input: nobody looks for the end of a long text. */
const longestText = 2_000;
const longestWord = 60;
/** Of one search. */
const mostTerms = 8;

/** Letters and digits in small letters, without accents: `Ada.Müller@example.com` -> ada, muller, example, com. */
export function wordsIn(text: string): string[] {
  const plain = text.slice(0, longestText).normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return (plain.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => word.slice(0, longestWord));
}

/** What was typed, word by word. */
export function termsOf(typed: string): string[] {
  return [...new Set(wordsIn(typed))].slice(0, mostTerms);
}

/** What PostgreSQL is asked of the runs of one week: each of these words, or one that begins so. */
export function tsqueryOf(week: number, terms: readonly string[]): string {
  return terms.map((term) => `'${week}~${term}':*`).join(' & ');
}

const weekSeconds = 7 * 86_400;

/** The number of the week in which a run began, as its words have it. */
export function weekOf(startedAt: number): number {
  return Math.floor(startedAt / (weekSeconds * 1_000));
}

/** The same in SQL, of a column or a value. */
export function weekIn(startedAt: string): string {
  return `floor(extract(epoch from ${startedAt}) / ${weekSeconds})::int`;
}

interface Described {
  id: string;
  runbook: string;
  title: string;
  requester: string;
  subject?: string | undefined;
  ticket?: Ticket | undefined;
}

export function wordsOfRun({ id, runbook, title, requester, subject, ticket }: Described): string[] {
  return [title, subject, runbook, ticket?.key, ticket?.summary, requester, id].flatMap((text) =>
    wordsIn(text ?? ''),
  );
}

/** Words that an entry adds: what was asked for, what it was amended to, and the people in it. */
export function wordsOfEntry(entry: JournalEntry): string[] {
  const { kind, data = {} } = entry;
  const told =
    kind === 'run.started'
      ? [data.title, data.subject, data.ticket && shownOfTicket(data.ticket), data.name, data.inputs]
      : kind === 'run.amended'
        ? [data.after]
        : [];
  const words = told.flatMap((value) => textsIn(value as Json | undefined)).flatMap(wordsIn);
  return [...words, ...peopleOfEntry(entry).flatMap(wordsIn)];
}

function shownOfTicket(ticket: Json): Json {
  const { key = null, summary = null } = ticket as { key?: Json; summary?: Json };
  return [key, summary];
}

/** The texts and numbers in a value. What is sealed, and the name of a secret, is none of them. */
function textsIn(value: Json | undefined): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (value === null || typeof value !== 'object') return [];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if ('$sealed' in value || '$secret' in value) return [];
  return Object.values(value).flatMap(textsIn);
}

/** In small letters: whoever asked for the run, was asked in it, or did something in it. */
export function peopleOfEntry({ kind, data = {} }: JournalEntry): string[] {
  const asked = kind.startsWith('gate.')
    ? data.approvers
    : kind.startsWith('task.')
      ? data.people
      : undefined;
  const started = kind === 'run.started' ? [data.requester, data.owner] : [];
  return [data.by, data.completedBy, data.recordedBy, asked, ...started].flatMap(namesIn);
}

function namesIn(value: Json | undefined): string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  return typeof value === 'string' && value !== '' && !value.startsWith('role:') ? [value.toLowerCase()] : [];
}

/** Adds words to those that a run has. */
export async function addWords(query: Query, runId: string, words: readonly string[]): Promise<void> {
  const given = [...new Set(words)].slice(0, mostWords);
  if (given.length === 0) return;
  await query(
    `insert into run_words (run_id, words)
     select r.id, array_to_tsvector(array(select ${weekIn('r.started_at')} || '~' || word from unnest($2::text[]) word))
     from runs r where r.id = $1
     on conflict (run_id) do update set words = run_words.words || excluded.words
       where length(run_words.words) < $3
         and length(run_words.words || excluded.words) > length(run_words.words)`,
    [runId, given, mostWords],
  );
}

export async function addPeople(query: Query, runId: string, people: readonly string[]): Promise<void> {
  const given = [...new Set(people.map((person) => person.toLowerCase()))];
  if (given.length === 0) return;
  await query(
    `insert into run_people (person, run_id, started_at)
     select p, r.id, r.started_at from unnest($2::text[]) p, runs r where r.id = $1 on conflict do nothing`,
    [runId, given],
  );
}

/** What was told of the run and never was concerned nobody: whom it concerns is gathered again from what stands there now. */
export async function gatherPeople(
  query: Query,
  runId: string,
  journal: readonly JournalEntry[],
): Promise<void> {
  const people = journal.flatMap(peopleOfEntry);
  await query(
    `delete from run_people p using runs r where p.run_id = $1 and r.id = $1 and not p.person = any($2)
       and p.person not in (lower(r.requester), lower(r.owner))
       and not exists (select 1 from waiting w where w.run_id = $1 and w.assignee = 'person:' || p.person)`,
    [runId, people],
  );
}
