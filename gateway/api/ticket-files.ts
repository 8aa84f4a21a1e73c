/**
 * The files of a run's ticket, for whoever may see the run: by name and size, and each one opened through the gateway, so that nobody needs
 * an account of the ticket system. Nothing of them is believed: a page never runs what somebody attached.
 */

import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { TicketFile, TicketFiles } from '../../activities/ticket-files.ts';
import { errorText } from '../../plan/error-text.ts';
import { ticketSystemTitles } from '../../plan/ticket-systems.ts';
import type { RunRow } from '../../store/runs.ts';
import { notFound, Problem } from '../problem.ts';
import { gives, problem } from '../schemas/answers.ts';
import { runId } from '../schemas/bodies.ts';
import { listOf, moment, object, text } from '../schemas/dsl.ts';
import { type ApiParts, addressedRun, type Routes, who } from './request.ts';

const file = object({
  id: text(),
  name: text(),
  bytes: { type: 'integer' },
  'at?': moment,
  'by?': text('Who attached it, as the ticket system calls them.'),
});

const files = object({
  files: listOf(file),
  system: text('As people call it.'),
});

const runAndFile = {
  ...runId,
  required: [...runId.required, 'file'],
  properties: { ...runId.properties, file: { type: 'string', minLength: 1, maxLength: 200 } },
};

/** What is shown, by how it begins. */
const pictures: [type: string, begins: string | RegExp][] = [
  ['image/png', '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', '\xff\xd8\xff'],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF[\s\S]{4}WEBP/],
];

/** Pages ask again with each change of the run; the ticket system is asked once within this time. */
const keptMs = 30_000;
const mostKept = 500;

export const ticketFileRoutes: Routes = {
  for: 'signed in',
  add(api, parts) {
    const tags = ['runs'];
    const kept = new Map<string, { at: number; files: Promise<TicketFile[]> }>();
    const listed = (row: RunRow, reader: TicketFiles) => {
      const known = kept.get(row.id);
      if (known && Date.now() - known.at < keptMs) return known.files;
      const found = reader.list(row.ticket?.id ?? '');
      if (kept.size >= mostKept) kept.clear();
      kept.set(row.id, { at: Date.now(), files: found });
      found.catch(() => kept.delete(row.id));
      return found;
    };
    api.get(
      '/runs/:id/ticket/files',
      {
        schema: {
          summary: 'The files of the run’s ticket; none where its system’s are not read',
          tags,
          params: runId,
          response: gives(files),
        },
      },
      async (request) => {
        const row = await addressedRun(request, parts);
        const reader = await readerOf(row, parts);
        return {
          system: titleOf(row),
          files: reader ? await fromSystem(row, () => listed(row, reader)) : [],
        };
      },
    );
    api.get(
      '/runs/:id/ticket/files/:file',
      {
        schema: {
          summary: 'One file of the run’s ticket, as it is',
          tags,
          params: runAndFile,
          response: {
            200: {
              description:
                'Pictures and plain texts to be looked at; all else to be saved. Its opening goes on record.',
              content: Object.fromEntries(
                [...pictures.map(([type]) => type), 'text/plain', 'application/octet-stream'].map((type) => [
                  type,
                  { schema: { type: 'string', format: 'binary' } },
                ]),
              ),
            },
            '4xx': problem,
            '5xx': problem,
          },
        },
      },
      async (request, reply) => {
        const row = await addressedRun(request, parts);
        const { file: id } = request.params as { file: string };
        const reader = await readerOf(row, parts);
        // What the account of the gateway could read besides is no business of who asks.
        const all = reader ? await fromSystem(row, () => listed(row, reader)) : [];
        const found = all.find((each) => each.id === id);
        if (!reader || !found) throw notFound(`The ticket of run ${row.id} has no file "${id}".`);
        const bytes = Buffer.from(await fromSystem(row, () => reader.read(id)));
        await record(row, found, bytes, who(request).id, parts);
        const type = shownAs(found.name, bytes);
        return reply
          .type(type ?? 'application/octet-stream')
          .header('content-disposition', dispositionOf(found.name, type ? 'inline' : 'attachment'))
          .header('x-content-type-options', 'nosniff')
          .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox")
          .header('cache-control', 'private, no-store')
          .send(bytes);
      },
    );
  },
};

async function readerOf({ ticket }: RunRow, { ticketFiles }: ApiParts): Promise<TicketFiles | undefined> {
  return ticket && ticketFiles(ticket.system);
}

async function fromSystem<T>(row: RunRow, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw new Problem(
      502,
      'Not readable',
      `The files of ${row.ticket?.key} cannot be read from ${titleOf(row)} now: ${errorText(error)}`,
      { retryAfter: 30 },
    );
  }
}

function titleOf({ ticket }: RunRow): string {
  const titles: Record<string, string> = ticketSystemTitles;
  return (ticket && titles[ticket.system]) ?? ticket?.system ?? '';
}

/** Once for each person and content: what somebody read before they signed. */
async function record(
  { id: run }: RunRow,
  { id, name }: TicketFile,
  bytes: Buffer,
  person: string,
  { store }: ApiParts,
): Promise<void> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await store.audit.appendNew(
    { runId: run, kind: 'file.opened', actor: person, data: { file: id, name, bytes: bytes.length, sha256 } },
    ['file', 'sha256'],
  );
}

/** By what is in it, and not by what somebody says it is; undefined for all that a browser might run. */
function shownAs(name: string, bytes: Buffer): string | undefined {
  const head = bytes.subarray(0, 16).toString('latin1');
  const picture = pictures.find(([, begins]) =>
    typeof begins === 'string' ? head.startsWith(begins) : begins.test(head),
  );
  if (picture) return picture[0];
  const isText = /\.(txt|csv|log|md)$/i.test(name) && isUtf8(bytes) && !bytes.includes(0);
  return isText ? 'text/plain; charset=utf-8' : undefined;
}

/** RFC 6266, with the name in both forms. */
function dispositionOf(name: string, how: 'inline' | 'attachment'): string {
  const plain = name.replace(/[^\w.() -]/g, '_').slice(0, 100) || 'file';
  const whole = encodeURIComponent(name.slice(0, 200).replace(/\p{Surrogate}/gu, '�')).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${how}; filename="${plain}"; filename*=UTF-8''${whole}`;
}
