/** Puts on record how a run began and ended, in the transaction that takes over the journal entries that say so. */
import { defined } from '../../plan/defined.ts';
import type { JournalEntry } from '../../workflows/journal.ts';
import { type JournalSeal, journalIn } from '../runs.ts';
import type { Audit } from './audit.ts';
import { journalDigest } from './record.ts';

const engine = 'countersign';

export function journalSeal(audit: Pick<Audit, 'appendOnceIn'>): JournalSeal {
  return async (query, runId, entries, isWhole) => {
    const first = entries.find(({ kind }) => kind === 'run.started');
    // The gateway records those that it starts itself, and knows more of them.
    if (first && ['schedule', 'runbook'].includes(String(first.data?.cause)))
      await audit.appendOnceIn(query, startedEntry(runId, first));
    // Its end may come with a gap before it, which a later batch fills.
    if (!isWhole) return;
    const journal = await journalIn(query, runId);
    const [began, ended] = [journal[0], journal.at(-1)];
    // A gateway that died right after it started the run has recorded nothing.
    if (began) await audit.appendOnceIn(query, startedEntry(runId, began));
    await audit.appendOnceIn(query, {
      runId,
      kind: 'run.ended',
      actor: engine,
      data: {
        status: ended?.data?.status ?? null,
        ...defined({ reason: ended?.data?.reason ? ended.data.reason : undefined }),
        entries: journal.length,
        journal: journalDigest(journal),
      },
    });
  };
}

function startedEntry(runId: string, { data = {} }: JournalEntry) {
  const { requester, cause, planHash, partOf, title } = data;
  return {
    runId,
    kind: 'run.started' as const,
    actor: typeof requester === 'string' ? requester : engine,
    data: {
      cause: cause ?? null,
      planHash: planHash ?? null,
      ...defined({ title: title || undefined, partOf: partOf || undefined }),
      from: 'journal',
    },
  };
}
