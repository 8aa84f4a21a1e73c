/** A mail server over a socket, with mailboxes that one can look into. */
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { Effect, Effects } from '../effects.ts';
import type { Faults } from '../faults.ts';

export interface Mail {
  to: string;
  from: string;
  subject: string;
  messageId: string;
  text: string;
}

export interface Mailboxes {
  port: number;
  mails(): Mail[];
  close(): Promise<void>;
}

export async function startMailServer(effects: Effects, faults: Faults, port = 0): Promise<Mailboxes> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const fault = faults.meet('smtp', 'DATA', '');
        if (fault?.kind === 'status') return done(smtpError(fault.status ?? 451));
        if (fault?.kind === 'reset' || fault?.kind === 'timeout') return drop(session);
        deliver(
          Buffer.concat(chunks).toString('utf8'),
          session.envelope.rcptTo.map((to) => to.address),
          effects,
        );
        if (fault?.kind === 'lostAnswer') return drop(session);
        done();
      });
    },
  });
  server.on('error', () => {
    // A client that goes away in the middle is its own affair.
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  const listening = server.server.address() as AddressInfo;

  function drop(session: { id: string }): void {
    for (const connection of server.connections as Set<{ id: string; _socket?: { destroy(): void } }>) {
      if (connection.id === session.id) connection._socket?.destroy();
    }
  }

  return {
    port: listening.port,
    mails: () => effects.list({ system: 'smtp', effect: 'mail.delivered' }).map(mailOf),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function mailOf(effect: Effect): Mail {
  return (effect.detail as { mail: Mail }).mail;
}

/** Drops a second mail of the same message id to the same mailbox, as Exchange does, and says so in the log. */
function deliver(raw: string, recipients: string[], effects: Effects): void {
  const mail = parse(raw);
  for (const to of recipients) {
    const known = effects
      .list({ system: 'smtp', effect: 'mail.delivered', subject: to })
      .some((effect) => mailOf(effect).messageId === mail.messageId);
    effects.add('smtp', known ? 'mail.duplicate' : 'mail.delivered', to, { mail: { ...mail, to } });
  }
}

function parse(raw: string): Omit<Mail, 'to'> {
  const end = raw.search(/\r?\n\r?\n/);
  const head = raw.slice(0, end).replace(/\r?\n[ \t]+/g, ' ');
  const header = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'im').exec(head)?.[1]?.trim() ?? '';
  const body = raw.slice(end).trim();
  const encoding = header('content-transfer-encoding').toLowerCase();
  return {
    from: header('from'),
    subject: decodeWords(header('subject')),
    messageId: header('message-id'),
    text:
      encoding === 'quoted-printable'
        ? decodeQuoted(body)
        : encoding === 'base64'
          ? Buffer.from(body, 'base64').toString()
          : body,
  };
}

/** RFC 2047 encoded words, as mail programs write subjects in other scripts. */
function decodeWords(text: string): string {
  return text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind: string, data: string) =>
      kind.toLowerCase() === 'b'
        ? Buffer.from(data, 'base64').toString()
        : decodeQuoted(data.replaceAll('_', ' ')),
    );
}

function decodeQuoted(text: string): string {
  const joined = text.replace(/=\r?\n/g, '');
  const bytes = joined.replace(/=([0-9A-F]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function smtpError(code: number): Error {
  return Object.assign(new Error(code >= 500 ? 'Mailbox unavailable' : 'Try again later'), {
    responseCode: code,
  });
}
