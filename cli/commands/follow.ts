/** Shows a run's journal as it grows, until it ends or waits for somebody. */
import type { JournalEntry } from '../../workflows/journal.ts';
import type { Api } from '../api-client.ts';
import { entryText } from '../journal-text.ts';
import { clock } from '../text.ts';

interface JournalAnswer {
  status: string;
  entries: JournalEntry[];
}

export async function titlesOf(api: Api, run: string): Promise<Map<string, string>> {
  const { titles } = await api.get<{ titles: Record<string, string> }>(`/runs/${run}`);
  return new Map(Object.entries(titles));
}

export async function follow(
  api: Api,
  run: string,
  onEntry: (entry: JournalEntry) => void = () => {},
  until: (entry: JournalEntry) => boolean = (entry) => entry.kind === 'run.ended',
  after = 0,
): Promise<number> {
  let seen = after;
  const titles = await titlesOf(api, run);
  for (;;) {
    const { entries } = await api.get<JournalAnswer>(`/runs/${run}/journal?after=${seen}`);
    for (const entry of entries) {
      // Entries are written as they come, and one may overtake another: the next look brings the missing one.
      if (entry.seq !== seen + 1) break;
      seen = entry.seq;
      const line = entryText(entry, titles);
      if (line) console.log(`  ${clock(entry.at)}  ${line}`);
      onEntry(entry);
      if (until(entry)) return seen;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
