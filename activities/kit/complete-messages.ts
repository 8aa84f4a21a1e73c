/** What a message gets when it is sent: the ticket of its run as it is then, and the link to where people reach this installation. */

import { defined } from '../../plan/defined.ts';
import type { About } from '../../plan/message.ts';
import { type AboutRun, messageToSend, type SentMessage } from '../../presentation/messages.ts';
import type { Ticket } from '../../workflows/messages.ts';
import type { MailNotice } from './configured-services.ts';

interface Surroundings {
  /** The ticket of a run, as the list has it. */
  ticketOf(run: string): Promise<Ticket | undefined>;
  /** When what is behind this signature could be done; undefined where it waits for no window. */
  windowOf?(run: string, gate: string): Promise<AboutRun['window']>;
  /** Where the gateway says that it listens. */
  listensAt(): Promise<string | undefined>;
  /** `signIn.url` of the configuration, which goes before what the gateway said. */
  configured(): string | undefined;
}

/** Asked again after that long: a gateway may have moved. */
const rememberMs = 30_000;
/** Pages whose id is a run's; that of another may be the beginning of one. */
const ofRuns: ReadonlySet<About['page']> = new Set(['gate', 'question', 'task', 'run']);

export function messageCompleter({ ticketOf, windowOf, listensAt, configured }: Surroundings) {
  let known: { url: string | undefined; at: number } | undefined;
  const address = async () => {
    const url = configured();
    if (url !== undefined) return url.replace(/\/+$/, '');
    if (known === undefined || known.url === undefined || Date.now() - known.at > rememberMs)
      known = { url: await listensAt(), at: Date.now() };
    return known.url;
  };
  return async (notice: MailNotice): Promise<SentMessage> => {
    const { about } = notice;
    const ticket = about && ofRuns.has(about.page) ? await ticketOf(about.id) : undefined;
    // A message without its window is better than none.
    const window =
      about?.page === 'gate' && about.step !== undefined
        ? await windowOf?.(about.id, about.step).catch(() => undefined)
        : undefined;
    return messageToSend(notice, about, {
      now: Date.now(),
      ...defined({ address: await address(), ticket, window }),
    });
  };
}
