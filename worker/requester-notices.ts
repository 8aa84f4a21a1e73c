/**
 * Tells whoever asked for a run that it has begun and how it ended. Outside the run, which would pay for it with history, from
 * a list in the database that is written with the journal: at least once, whatever dies.
 */

import type { Notice } from '../activities/engine/services.ts';
import { runName } from '../plan/run-name.ts';
import type { DueNotice } from '../store/notices.ts';

export interface RequesterNoticeParts {
  claim(): Promise<DueNotice[]>;
  sent(notice: DueNotice): Promise<void>;
  tell(notice: Notice): Promise<void>;
  log: (line: string) => void;
}

const lookEveryMs = 2_000;

/** Resolves, when stopped, once nothing is under way. */
export function watchRequesterNotices(parts: RequesterNoticeParts): { stop(): Promise<void> } {
  let working: Promise<void> = Promise.resolve();
  const look = () => {
    working = working
      .then(() => sendDue(parts))
      .catch((error) => parts.log(`Requesters could not be told yet: ${String(error)}`));
  };
  const timer = setInterval(look, lookEveryMs);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await working;
    },
  };
}

/** Exported for its test. One that cannot be sent is tried again later, and holds up no other. */
export async function sendDue(parts: RequesterNoticeParts): Promise<void> {
  for (const due of await parts.claim()) {
    try {
      const notice = noticeOf(due);
      if (notice) await parts.tell(notice);
      await parts.sent(due);
    } catch (error) {
      parts.log(`${due.requester} could not be told of run ${due.runId} yet: ${String(error)}`);
    }
  }
}

const ends: Partial<Record<DueNotice['status'], string>> = {
  succeeded: 'Done',
  rejected: 'Refused',
  cancelled: 'Cancelled',
  failed: 'Not done',
};

/** Undefined where nobody is there to be told: a run that a schedule started. */
function noticeOf(due: DueNotice): Notice | undefined {
  const { runId, kind, requester, status, reason, ticket } = due;
  if (!requester.includes('@')) return undefined;
  const about = `${runName(due)}${ticket ? ` (${ticket.key})` : ''}`;
  const commands = [`Run: countersign show ${runId}`];
  const look = [...(ticket?.url ? [`Ticket: ${ticket.url}`] : []), ...commands];
  const shown: Notice['about'] = { page: 'run', id: runId, commands };
  if (kind === 'run.started') {
    return {
      id: `${runId}.started`,
      to: [requester],
      subject: `Started: ${about}`,
      about: shown,
      text: ['What you asked for is being worked on. You are told when it is done.', '', ...look].join('\n'),
    };
  }
  return {
    id: `${runId}.ended`,
    to: [requester],
    subject: `${ends[status] ?? 'Ended'}: ${about}`,
    about: shown,
    text: [
      status === 'succeeded'
        ? 'What you asked for is done.'
        : `What you asked for was not carried out to its end: it was ${status}.`,
      ...(reason ? [reason] : []),
      '',
      ...look,
    ].join('\n'),
  };
}
