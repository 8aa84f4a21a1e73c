/** Reads a mail as it came over the wire: headers, and its text wherever it stands (RFC 5322, 2045 to 2047). */

import { defined, unlessEmpty } from '../../plan/defined.ts';
export interface Message {
  from: string;
  /** The header: whom the mail says that it is to. */
  headerTo: string;
  subject: string;
  messageId: string;
  text: string;
  html?: string;
  attachments?: Attachment[];
}

export interface Attachment {
  filename: string;
  /** `application/pdf`, without parameters. */
  type: string;
  /** In base64. */
  content: string;
}

export function readMessage(raw: string): Message {
  const { header, body } = partOf(raw);
  const text = contentOf(header, body, 'text/plain');
  const html = contentOf(header, body, 'text/html');
  const attachments = attachmentsOf(header, body);
  return {
    from: decodeWords(header('from')),
    headerTo: decodeWords(header('to')),
    subject: decodeWords(header('subject')),
    messageId: header('message-id'),
    text: text ?? '',
    ...defined({ html, attachments: unlessEmpty(attachments) }),
  };
}

type Header = (name: string) => string;

function partOf(raw: string): { header: Header; body: string } {
  const end = /\r?\n\r?\n/.exec(raw);
  // A long header goes on in lines that begin with a space.
  const head = raw.slice(0, end?.index ?? raw.length).replace(/\r?\n[ \t]+/g, ' ');
  const header = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'im').exec(head)?.[1]?.trim() ?? '';
  return { header, body: end ? raw.slice(end.index + end[0].length) : '' };
}

/** The first part of a type, in whatever it is wrapped. */
function contentOf(header: Header, body: string, wanted: string): string | undefined {
  const type = header('content-type') || 'text/plain';
  const inside = partsIn(header, body);
  if (inside) {
    for (const { header: inner, body: content } of inside) {
      const found = contentOf(inner, content, wanted);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (!type.toLowerCase().startsWith(wanted)) return undefined;
  return decoded(body, header('content-transfer-encoding').toLowerCase()).replaceAll('\r\n', '\n').trim();
}

/** The parts of a message that has several, or undefined. */
function partsIn(header: Header, body: string): { header: Header; body: string }[] | undefined {
  const boundary = /boundary="?([^";]+)"?/i.exec(header('content-type'))?.[1];
  if (!boundary) return undefined;
  const [, ...parts] = body.split(`--${boundary}`);
  const end = parts.findIndex((part) => part.startsWith('--'));
  return parts.slice(0, end < 0 ? undefined : end).map((part) => partOf(part.replace(/^\r?\n/, '')));
}

function attachmentsOf(header: Header, body: string): Attachment[] {
  const inside = partsIn(header, body);
  if (inside) return inside.flatMap((part) => attachmentsOf(part.header, part.body));
  const filename = /^attachment;.*filename="?([^";]+)"?/i.exec(header('content-disposition'))?.[1];
  if (!filename) return [];
  const type = header('content-type').split(';')[0]?.trim().toLowerCase() ?? '';
  return [{ filename, type, content: body.replace(/\s/g, '') }];
}

function decoded(body: string, encoding: string): string {
  if (encoding === 'quoted-printable') return decodeQuoted(body);
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString();
  return body;
}

/** Encoded words, as mail programs write subjects in other scripts. */
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
  const bytes: number[] = [];
  const joined = text.replace(/=\r?\n/g, '');
  for (let index = 0; index < joined.length; index++) {
    const hex =
      joined[index] === '=' ? /^[0-9A-F]{2}/i.exec(joined.slice(index + 1, index + 3))?.[0] : undefined;
    if (hex) {
      bytes.push(Number.parseInt(hex, 16));
      index += 2;
    } else bytes.push(...Buffer.from(joined[index] ?? ''));
  }
  return Buffer.from(bytes).toString('utf8');
}
