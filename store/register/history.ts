/** What became of everything in the register, and who did it: written with each change, in its transaction, and never changed. */
import type { HistoryEntry, RegisterActor, SubjectKind } from '../../plan/register.ts';
import { jsonb, type Query, type Row } from '../database.ts';

/** Entries of one subject that are shown. */
const mostEntries = 500;

type Fields = Readonly<Record<string, unknown>>;

export interface Entry extends RegisterActor {
  kind: SubjectKind;
  subject: number;
  what: HistoryEntry['what'];
  before?: Fields;
  after?: Fields;
}

export async function writeHistory(query: Query, entry: Entry): Promise<void> {
  const { kind, subject, by, what, before = {}, after = {}, note } = entry;
  await query(
    `insert into register_history (kind, subject, by, what, before, after, note) values ($1, $2, $3, $4, $5, $6, $7)`,
    [kind, subject, by, what, jsonb(before), jsonb(after), note ?? null],
  );
}

export async function historyOf(query: Query, kind: SubjectKind, subject: number): Promise<HistoryEntry[]> {
  const rows = await query(
    `select at, by, what, before, after, note from register_history
     where kind = $1 and subject = $2 order by id desc limit $3`,
    [kind, subject, mostEntries],
  );
  return rows.map(entryOf);
}

function entryOf({ at, note, ...row }: Row): HistoryEntry {
  return {
    ...(row as unknown as Omit<HistoryEntry, 'at' | 'note'>),
    at: (at as Date).toISOString(),
    ...(note === null ? {} : { note: String(note) }),
  };
}

/** Only what differs: what it was, and what it became. What is absent counts as null. */
export function differenceOf(before: Fields, after: Fields): { before: Fields; after: Fields } | undefined {
  const names = Object.keys(after).filter((name) => (before[name] ?? null) !== (after[name] ?? null));
  if (names.length === 0) return undefined;
  const of = (fields: Fields) => Object.fromEntries(names.map((name) => [name, fields[name] ?? null]));
  return { before: of(before), after: of(after) };
}
