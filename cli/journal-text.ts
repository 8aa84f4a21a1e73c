/** A run's journal on a terminal: one line an entry, in colours. */
import colors from 'picocolors';
import { journalParts, type LinePart, type Tone } from '../presentation/journal-sentences.ts';
import type { JournalEntry } from '../workflows/journal.ts';
import { localTime } from './text.ts';

/** One line, or none for what a reader need not see. `titles` names the steps, `when` writes a moment. */
export function entryText(
  entry: JournalEntry,
  titles: Map<string, string>,
  when: (ms: number) => string = localTime,
): string | undefined {
  const title = entry.step ? (titles.get(entry.step) ?? entry.step) : '';
  return journalParts(entry, title, when, Object.fromEntries(titles))?.map(colored).join('');
}

const tones: Record<Tone, (text: string) => string> = {
  good: colors.green,
  bad: colors.red,
  attention: colors.yellow,
};

function colored(part: LinePart): string {
  return typeof part === 'string' ? part : tones[part.tone](part.text);
}
