/** A mail server over a socket, with mailboxes that one can look into. */
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import type { Effect, Effects } from '../effects.ts';
import type { Fault, Faults } from '../faults.ts';
import { type Message, readMessage } from './message.ts';

/** A mail in somebody's mailbox. */
export interface Mail extends Message {
  /** Whose mailbox. */
  to: string;
}

export interface Mailboxes {
  port: number;
  mails(): Mail[];
  /** Forgets what was delivered, after the effects have been reset. */
  reset(): void;
  close(): Promise<void>;
}

export interface MailServerOptions {
  port?: number;
  latencyMs?: number;
}

export async function startMailServer(
  effects: Effects,
  faults: Faults,
  { port = 0, latencyMs = 0 }: MailServerOptions = {},
): Promise<Mailboxes> {
  const sockets = new Map<number, Socket>();
  const known = new Set(effects.list({ effect: 'mail.delivered' }).map((effect) => keyOf(mailOf(effect))));
  const drop = (session: SMTPServerSession) => sockets.get(session.remotePort)?.destroy();

  /** Acts out a fault of a command. Calls back unless the client gets no answer. */
  const meet = async (session: SMTPServerSession, command: string, to: string, done: Done) => {
    const fault = faults.meet('smtp', command, to, command !== 'DATA');
    if (await withholds(fault, () => drop(session))) return;
    done(fault?.kind === 'status' ? refusal(fault.status ?? 451) : null);
  };

  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    closeTimeout: 100,
    onConnect: (session, done) => void meet(session, 'CONNECT', '', done),
    onMailFrom: (_address, session, done) => void meet(session, 'MAIL', '', done),
    onRcptTo: (address, session, done) => void meet(session, 'RCPT', address.address, done),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', async () => {
        const recipients = session.envelope.rcptTo.map((to) => to.address);
        if (latencyMs > 0) await wait(latencyMs);
        const fault = faults.meet('smtp', 'DATA', recipients.join(' '));
        if (await withholds(fault, () => drop(session))) return;
        if (fault?.kind === 'status') return done(refusal(fault.status ?? 451));
        deliver(readMessage(Buffer.concat(chunks).toString('utf8')), recipients, effects, known);
        if (fault?.kind === 'lostAnswer') return drop(session);
        done();
      });
    },
  });
  // Before smtp-server gets to greet, so that a connection can be dropped at any moment.
  server.server.prependListener('connection', (socket: Socket) => {
    const { remotePort = 0 } = socket;
    sockets.set(remotePort, socket);
    socket.once('close', () => sockets.delete(remotePort));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  server.on('error', () => {
    // A client that goes away in the middle is its own affair.
  });
  return {
    port: (server.server.address() as AddressInfo).port,
    mails: () => effects.list({ system: 'smtp', effect: 'mail.delivered' }).map(mailOf),
    reset: () => known.clear(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets.values()) socket.destroy();
      }),
  };
}

type Done = (error?: Error | null) => void;

/** True when the client gets no answer. Comes back from a delay. */
async function withholds(fault: Fault | undefined, drop: () => void): Promise<boolean> {
  if (fault?.kind === 'delay') await wait(fault.delayMs ?? 1_000);
  if (fault?.kind === 'reset') drop();
  return fault?.kind === 'reset' || fault?.kind === 'timeout';
}

/** Drops a second mail of the same message id to the same mailbox, as Exchange does, and says so in the log. */
function deliver(message: Message, recipients: string[], effects: Effects, known: Set<string>): void {
  for (const to of recipients) {
    const mail: Mail = { ...message, to };
    const duplicate = message.messageId !== '' && known.has(keyOf(mail));
    known.add(keyOf(mail));
    effects.add('smtp', duplicate ? 'mail.duplicate' : 'mail.delivered', to, { mail, duplicate });
  }
}

function keyOf({ to, messageId }: Mail): string {
  return `${to.toLowerCase()} ${messageId}`;
}

function mailOf(effect: Effect): Mail {
  return (effect.detail as { mail: Mail }).mail;
}

/** Its code decides: from 500 on for good, below for now. After a 421 the server hangs up. */
function refusal(responseCode: number): Error {
  const words = responseCode >= 500 ? 'Mailbox unavailable' : 'Try again later';
  return Object.assign(new Error(words), { responseCode });
}
