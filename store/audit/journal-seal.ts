/**
 * Puts on record how a run began and ended, in the transaction that takes over the journal entries that say so. A worker that died may
 * have told of an end that never was; when the run itself says another, that is put on record behind it, and counts.
 */
import { defined } from '../../plan/defined.ts';
import type { JournalEntry } from '../../workflows/journal.ts';
import { type JournalSeal, journalIn } from '../runs.ts';
import type { Audit } from './audit.ts';
import { journalDigest } from './record.ts';

const engine = 'countersign';

export function journalSeal(audit: Pick<Audit, 'appendOnceIn' | 'appendUnlessIn'>): JournalSeal {
  return async (query, { runId, entries }, { isWhole, isOwnWord }) => {
    const first = entries.find(({ kind }) => kind === 'run.started');
    // The gateway records those that it starts itself, and knows more of them.
    if (first && ['schedule', 'runbook'].includes(String(first.data?.cause)))
      await audit.appendOnceIn(query, startedEntry(runId, first));
    // Its end may come with a gap before it, which a later batch fills.
    if (!isWhole) return true;
    const journal = await journalIn(query, runId);
    const [began, ended] = [journal[0], journal.at(-1)];
    // A gateway that died right after it started the run has recorded nothing.
    if (began) await audit.appendOnceIn(query, startedEntry(runId, began));
    const digest = journalDigest(journal);
    const data = {
      status: ended?.data?.status ?? null,
      ...defined({ reason: ended?.data?.reason ? ended.data.reason : undefined }),
      entries: journal.length,
      journal: digest,
    };
    await audit.appendOnceIn(query, { runId, kind: 'run.ended', actor: engine, data });
    const isSealedSo = async () => {
      const [sealed] = await query(
        `select data->>'journal' as journal from audit
         where run_id = $1 and kind in ('run.ended', 'run.corrected') order by seq desc limit 1`,
        [runId],
      );
      return sealed?.journal === digest;
    };
    if (!isOwnWord) return isSealedSo();
    await audit.appendUnlessIn(query, { runId, kind: 'run.corrected', actor: engine, data }, isSealedSo);
    return true;
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
