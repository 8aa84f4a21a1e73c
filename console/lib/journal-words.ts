/** A run's journal as sentences for an auditor: every entry has one. */
import { journalSentence, saidIn } from '../../presentation/journal-sentences.ts';
import type { JournalEntry } from '../api/types.ts';

export interface JournalLine {
  text: string;
  /** What somebody wrote, in their own words. */
  said?: string;
}

export function journalLine(entry: JournalEntry, titles: Record<string, string>): JournalLine {
  const title = entry.step ? `“${titles[entry.step] ?? titles[baseOf(entry.step)] ?? entry.step}”` : '';
  const text = journalSentence(entry, title, titles);
  const said = saidIn(entry);
  return said ? { text, said } : { text };
}

const baseOf = (key: string) => /^[A-Za-z0-9_]+/.exec(key)?.[0] ?? key;
