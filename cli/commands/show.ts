import type { RunRow } from '../../store/runs.ts';
import type { JournalEntry, RunView } from '../../workflows/messages.ts';
import { Api } from '../api-client.ts';
import { entryText } from '../journal-text.ts';
import { age, clock, localTime, statusText } from '../text.ts';
import { apiOptions, type Options } from './options.ts';

export async function show([id = '']: string[], options: Options): Promise<void> {
  const api = await Api.connect(apiOptions(options));
  const row = await api.get<RunRow & { titles: Record<string, string>; live?: RunView }>(
    `/runs/${encodeURIComponent(id)}`,
  );
  const { entries } = await api.get<{ entries: JournalEntry[] }>(`/runs/${row.id}/journal`);
  if (options.json) return console.log(JSON.stringify({ ...row, journal: entries }));
  const titles = new Map(Object.entries(row.titles));
  console.log(
    `${row.title}: ${statusText(row.live?.status ?? row.status)}${row.reason ? ` — ${row.reason}` : ''}`,
  );
  console.log(`  run        ${row.id}`);
  if (row.ticket) console.log(`  ticket     ${row.ticket.key} ${row.ticket.summary}`);
  console.log(`  asked by   ${row.requester}, ${age(row.startedAt)}`);
  console.log(`  owner      ${row.owner}`);
  console.log('');
  for (const entry of entries) {
    const line = entryText(entry, titles);
    if (line) console.log(`  ${clock(entry.at)}  ${line}`);
  }
  for (const gate of row.live?.gates ?? []) {
    const until = gate.deadline ? ` by ${localTime(gate.deadline)}` : '';
    console.log(`\nTo sign${until}: ${gate.title} (${gate.approvers.join(', ')})`);
    console.log(`  countersign approve ${row.id.slice(0, 13)} ${gate.step}`);
  }
  for (const { step, kind, event } of row.waitingOn) {
    if (event) console.log(`\nWaiting for: ${event.name} ${event.key}`);
    if (kind === 'parked') console.log(`\nParked: countersign retry ${row.id.slice(0, 13)} ${step}`);
    if (kind === 'task') console.log(`\nTo do: countersign complete ${row.id.slice(0, 13)} ${step}`);
  }
}
