/** A run's journal as sentences for an auditor: every entry has one. */
import { journalSentence, saidIn } from '../../presentation/journal-sentences.ts';
import type { JournalEntry } from '../api/types.ts';

export interface JournalLine {
  text: string;
  /** What somebody wrote, in their own words. */
  said?: string;
}

export function journalLine(
  entry: JournalEntry,
  titles: Record<string, string>,
  items: ReadonlyMap<string, string> = new Map(),
): JournalLine {
  const item = entry.step === undefined ? undefined : items.get(entry.step);
  const named = entry.step && (titles[entry.step] ?? titles[baseOf(entry.step)] ?? entry.step);
  const title = named ? `“${named}${item === undefined ? '' : `: ${item}`}”` : '';
  const text = journalSentence(entry, title, titles);
  const said = saidIn(entry);
  return said ? { text, said } : { text };
}

/** Of steps within a list, by their key: what their item is called. */
export function itemsNamed(entries: readonly JournalEntry[]): Map<string, string> {
  return new Map(
    entries.flatMap(({ step, data }): [string, string][] =>
      step !== undefined && typeof data?.item === 'string' ? [[step, data.item]] : [],
    ),
  );
}

const baseOf = (key: string) => /^[A-Za-z0-9_]+/.exec(key)?.[0] ?? key;
