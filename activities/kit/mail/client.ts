/** Mail by SMTP. */

import { createTransport } from 'nodemailer';
import type { SentMessageInfo } from 'nodemailer/lib/smtp-transport/index.js';
import { type Static, Type } from 'typebox';
import { defined } from '../../../plan/defined.ts';
import { AttemptClient } from '../attempt-client.ts';
import { PermanentFailure, RetryableFailure } from '../failures.ts';
import { isLoopback } from '../http.ts';
import { faultOfSetting } from '../reach.ts';
import { caSetting, type Trust, trustOf } from '../trust.ts';

export const MailSettings = Type.Object(
  {
    host: Type.String({ minLength: 1, description: 'Name of the mail server.' }),
    port: Type.Optional(
      Type.Integer({ description: 'Port of the mail server, unless it is 587 (465 with tls).' }),
    ),
    security: Type.Optional(
      Type.Enum(['starttls', 'tls', 'none'], {
        description:
          'How the connection is secured. `none` sends in the clear and suits a server on this machine.',
      }),
    ),
    user: Type.Optional(Type.String({ description: 'User name, if the server asks for one.' })),
    password: Type.Optional(Type.String({ description: 'Password of that user.' })),
    from: Type.String({ format: 'email', description: 'Address from which mail is sent.' }),
    fromName: Type.Optional(Type.String({ description: 'Name shown beside that address.' })),
    ...caSetting,
  },
  { additionalProperties: false },
);

export interface Message {
  messageId: string;
  to: string[];
  cc: string[];
  /** Where answers go, unless to whom it is from. */
  replyTo?: string;
  subject: string;
  text: string;
  html?: string;
  attachments?: Attachment[];
}

export interface Attachment {
  filename: string;
  contentType: string;
  content: Buffer;
}

export interface Sent {
  accepted: string[];
  rejected: string[];
}

type Transport = ReturnType<typeof createTransport<SentMessageInfo>>;

const connectMs = 15_000;
const idleMs = 30_000;

export class MailClient extends AttemptClient {
  readonly from: string;
  private readonly settings: Static<typeof MailSettings>;
  private readonly trust: Trust;

  constructor(settings: Static<typeof MailSettings>) {
    super();
    const local = isLoopback(
      new URL(`http://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}`),
    );
    if (settings.security === 'none' && settings.password && !local)
      throw new PermanentFailure(
        'connectors.mail in countersign.yaml would send its password in the clear. Set security to starttls or tls.',
      );
    this.settings = settings;
    this.trust = trustOf('mail', settings.ca);
    this.from = settings.from;
  }

  /** The same for every attempt of a step, so that a mailbox can drop a second copy. */
  messageIdOf(key: string): string {
    return `<${key}@countersign.${this.from.slice(this.from.lastIndexOf('@') + 1)}>`;
  }

  /** Resolves when the server took the message for at least one recipient. */
  async send(message: Message): Promise<Sent> {
    const { from, fromName } = this.settings;
    const { signal } = this;
    const sent = await this.connected((transport) =>
      transport.sendMail({
        ...message,
        from: fromName ? { name: fromName, address: from } : from,
        signal,
      }),
    );
    return { accepted: sent.accepted.map(addressOf), rejected: sent.rejected.map(addressOf) };
  }

  /** Connects and signs in, and sends nothing. */
  async verify(): Promise<void> {
    await this.connected((transport) => transport.verify());
  }

  private async connected<T>(work: (transport: Transport) => Promise<T>): Promise<T> {
    const { host, security = 'starttls', user, password } = this.settings;
    const { signal } = this;
    const port = this.settings.port ?? (security === 'tls' ? 465 : 587);
    const transport = createTransport({
      host,
      port,
      ...defined({ tls: this.trust.ca && { ca: this.trust.ca } }),
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      connectionTimeout: connectMs,
      greetingTimeout: connectMs,
      socketTimeout: idleMs,
      // A message is text from a runbook: it must not be able to name a file or an address to attach.
      disableFileAccess: true,
      disableUrlAccess: true,
      ...defined({ auth: user ? { user, pass: password ?? '' } : undefined }),
    });
    try {
      return await work(transport);
    } catch (error) {
      signal.throwIfAborted();
      throw failureOf(error, { host, port, trust: this.trust.setting });
    } finally {
      transport.close();
    }
  }
}

function addressOf(address: string | { address: string }): string {
  return typeof address === 'string' ? address : address.address;
}

interface SmtpError extends Error {
  code?: string;
  /** SMTP reply code; false or absent when the server did not reply. */
  responseCode?: number | false;
  response?: string;
}

/** SMTP says by the first digit whether trying again can help (RFC 5321, 4.2.1). */
function failureOf(
  error: unknown,
  { host, port, trust }: { host: string; port: number; trust: string },
): Error {
  const { code, responseCode, response, message } = error as SmtpError;
  const details = { ...defined({ status: responseCode || undefined }), cause: error };
  const words = response ?? message;
  const server = host.includes(':') ? `[${host}]` : host;
  const setting = 'connectors.mail in countersign.yaml';
  const fault = faultOfSetting(
    { service: 'the mail server', url: new URL(`smtp://${server}:${port}`), setting, trust },
    error,
  );
  if (fault) return new PermanentFailure(fault, details);
  // A server that cannot do so just now says it with 454.
  if (code === 'ETLS' && !(responseCode && responseCode < 500))
    return new PermanentFailure(
      `The mail server ${host} does not secure the connection by STARTTLS: ${words} Check security and port under ${setting}.`,
      details,
    );
  const permanent = responseCode ? responseCode >= 500 : permanentCodes.has(code ?? '');
  if (code === 'EAUTH' && permanent)
    return new PermanentFailure(
      `The mail server ${host} refused the credentials: ${words} Check connectors.mail in countersign.yaml.`,
      details,
    );
  if (permanent)
    return new PermanentFailure(`The mail server ${host} refused the message: ${words}`, details);
  if (responseCode)
    return new RetryableFailure(
      `The mail server ${host} could not take the message just now: ${words}`,
      details,
    );
  return new RetryableFailure(`The mail server ${host} could not be reached: ${words}`, details);
}

/** Not from the server: what we were told to send, or how, cannot work. */
const permanentCodes = new Set([
  'EENVELOPE',
  'EMESSAGE',
  'ENOAUTH',
  'EAUTH',
  'ECONFIG',
  'EFILEACCESS',
  'EURLACCESS',
]);
