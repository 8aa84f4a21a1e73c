import { shortRunId } from '../../plan/run-name.ts';
import type { QuestionTold } from '../../presentation/gate-questions.ts';
import { changeInWords } from '../../presentation/plain-text.ts';
import type { RunRow } from '../../store/runs.ts';
import type { JournalEntry } from '../../workflows/journal.ts';
import type { Gate, Left, RunView } from '../../workflows/messages.ts';
import { Api } from '../api-client.ts';
import { entryText } from '../journal-text.ts';
import { questionLines } from '../signature-text.ts';
import { age, clock, localTime, statusText } from '../text.ts';
import { apiOptions, type Options } from './options.ts';

/** What those who signed are asked to countersign: old, new, who, and whether it is in force. */
export function proposalLines(
  { proposals = [] }: Pick<Gate, 'proposals'>,
  titles: Record<string, string> = {},
): string[] {
  return proposals.flatMap(({ by, changes, afterwards }) => [
    afterwards
      ? `changed by ${by}, in force already; the signature is owed:`
      : `proposed by ${by}, not in force before it is signed:`,
    ...changes
      .flatMap((change) => changeInWords(change, titles))
      .map(({ what, before, after }) => `  ${what}: ${before} -> ${after}`),
  ]);
}

/** What a person must settle; of a run that does not answer any more by its last words. */
function leftIn(live: RunView | undefined, entries: readonly JournalEntry[]): Left[] {
  if (live) return live.left ?? [];
  return (entries.findLast(({ kind }) => kind === 'run.ended')?.data?.left ?? []) as unknown as Left[];
}

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
  if (row.subject) console.log(`  about      ${row.subject}`);
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
    for (const line of proposalLines(gate, row.titles)) console.log(`  ${line}`);
    if (gate.unmet) console.log('  too few of those who are asked can still approve this');
    const asked = await api.get<{ questions: QuestionTold[] }>(
      `/runs/${row.id}/steps/${encodeURIComponent(gate.step)}/questions`,
    );
    for (const line of questionLines(asked)) console.log(line);
    console.log(`  countersign approve ${shortRunId(row.id)} ${gate.step}`);
  }
  const left = leftIn(row.live, entries);
  if (left.length > 0) console.log('\nTo settle by a person:');
  for (const { title, why } of left) console.log(`  ${title}: ${why}`);
  for (const { step, kind, event } of row.waitingOn) {
    if (event) console.log(`\nWaiting for: ${event.name} ${event.key}`);
    if (kind === 'parked') console.log(`\nParked: countersign retry ${shortRunId(row.id)} ${step}`);
    if (kind === 'task') console.log(`\nTo do: countersign complete ${shortRunId(row.id)} ${step}`);
  }
}
