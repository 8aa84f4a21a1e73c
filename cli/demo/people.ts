/** Carries a scenario out: the ticket's delivery, and its people, who look at what they are asked, then sign or report. */

import { defined } from '../../plan/defined.ts';
import type { JournalEntry } from '../../workflows/journal.ts';
import type { Gate, VoteReceipt } from '../../workflows/messages.ts';
import type { Answer, Scenario } from './scenarios/scenario.ts';
import type { Stage } from './stage.ts';

export const coordinator = 'kim.okafor@example.com';

export interface Ended {
  run: string;
  /** As the run ended, or `parked` as soon as a step is. */
  status: string;
}

export interface Watching {
  /** Every entry of the run's journal, in order. */
  onEntry?: (entry: JournalEntry) => void;
  /** What somebody is about to sign. */
  onGate?: (gate: Gate, signers: string[]) => void;
}

const lookEveryMs = 200;

/** Answers what the run asks, until it has ended or is stuck. */
export async function accompany(
  run: string,
  { answers }: Scenario,
  stage: Stage,
  { onEntry, onGate }: Watching = {},
): Promise<Ended> {
  for (let seen = 0; ; ) {
    const { entries } = await stage.get<{ entries: JournalEntry[] }>(
      coordinator,
      `/runs/${run}/journal?after=${seen}`,
    );
    for (const entry of entries) {
      // Entries are written as they come, and one may overtake another: the next look brings the missing one.
      if (entry.seq !== seen + 1) break;
      seen = entry.seq;
      onEntry?.(entry);
      const given = answers[entry.step ?? ''];
      if (entry.kind === 'gate.opened' && given && 'signs' in given)
        await sign(stage, run, entry.step ?? '', given, onGate);
      if (entry.kind === 'task.opened' && given && 'reports' in given)
        await report(stage, run, entry.step ?? '', given);
      if (entry.kind === 'run.ended') return { run, status: String(entry.data?.status) };
      if (entry.kind === 'step.parked') return { run, status: 'parked' };
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

/** Every signature that was asked for, on exactly what is shown. */
async function sign(
  stage: Stage,
  run: string,
  step: string,
  answer: Extract<Answer, { signs: string[] }>,
  onGate: Watching['onGate'],
): Promise<void> {
  const path = `/runs/${run}/steps/${encodeURIComponent(step)}`;
  for (const [index, person] of answer.signs.entries()) {
    const gate = await stage.get<Gate>(person, `${path}/gate`);
    if (index === 0) onGate?.(gate, answer.signs);
    await stage.post<VoteReceipt>(person, `${path}/vote`, {
      decision: 'approve',
      hash: gate.hash,
      ...defined({ comment: answer.comment || undefined }),
    });
  }
}

async function report(
  stage: Stage,
  run: string,
  step: string,
  { as, reports }: Extract<Answer, { as: string }>,
): Promise<void> {
  await stage.post(as, `/runs/${run}/steps/${encodeURIComponent(step)}/complete`, { output: reports });
}
