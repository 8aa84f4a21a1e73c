/**
 * Sends the messages that runs and the gateway have written down. Outside them: a mail server that is slow or away holds up no gate, no
 * task and no run.
 */
import type { Notice } from '../activities/engine/services.ts';
import { errorText } from '../plan/error-text.ts';
import type { Chat } from '../plan/message.ts';
import type { Outbox } from '../store/outbox.ts';

export interface OutboxSenderParts {
  outbox: Pick<Outbox, 'claim' | 'sent' | 'failed'> & Partial<Pick<Outbox, 'onPut'>>;
  tell(notice: Notice): Promise<void>;
  post(notice: Notice, chat: Chat): Promise<void>;
  log: (line: string) => void;
}

type By = Parameters<Outbox['claim']>[0];

/** For what others have written, and for what is due again. What this process writes is looked for at once. */
const lookEveryMs = 1_000;

/** Mail and posts go side by side: a chat that answers nothing holds up no mail. Resolves, when stopped, once nothing is under way. */
export function sendOutbox(parts: OutboxSenderParts): { stop(): Promise<void> } {
  const senders = (['mail', 'chat'] as const).map((by) => sending(by, parts));
  return { stop: async () => void (await Promise.all(senders.map((sender) => sender.stop()))) };
}

function sending(by: By, parts: OutboxSenderParts): { stop(): Promise<void> } {
  let stopped = false;
  let isNew = false;
  let wake = () => {};
  parts.outbox.onPut?.(() => {
    isNew = true;
    wake();
  });
  const working = (async () => {
    while (!stopped) {
      isNew = false;
      const sent = await sendDue(by, parts).catch((error: unknown) => {
        parts.log(`Messages cannot be sent now: ${errorText(error)}`);
        return 0;
      });
      if (sent === 0 && !isNew && !stopped)
        await new Promise<void>((resolve) => {
          wake = resolve;
          setTimeout(resolve, lookEveryMs).unref();
        });
    }
  })();
  return {
    stop: async () => {
      stopped = true;
      wake();
      await working;
    },
  };
}

/** Exported for its test: how many were due. One that cannot be sent is tried again later, and holds up no other. */
export async function sendDue(by: By, { outbox, tell, post, log }: OutboxSenderParts): Promise<number> {
  const due = await outbox.claim(by);
  await Promise.all(
    due.map(async ({ attempts, chat, ...message }) => {
      try {
        // Nobody may be left to ask: then others are told by an escalation of their own.
        if (chat) await post(message, chat);
        else if (message.to.length > 0) await tell(message);
        await outbox.sent(message.id);
      } catch (error) {
        const why = errorText(error);
        log(
          `"${message.subject}" to ${chat ? `${chat.to} in ${chat.by}` : message.to.join(', ')} could not be sent yet (try ${attempts}): ${why}`,
        );
        await outbox.failed({ id: message.id, attempts }, why);
      }
    }),
  );
  return due.length;
}
