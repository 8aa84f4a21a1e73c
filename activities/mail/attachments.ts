/** What goes along with a mail: a list as a table for spreadsheets, a page, or a file of the repository. */
import { createHash } from 'node:crypto';
import { type Static, Type } from 'typebox';
import type { Json } from '../../plan/plan.ts';
import { columnsOf, csvText } from '../../plan/tables.ts';
import { PermanentFailure } from '../kit/failures.ts';
import type { Attachment } from '../kit/mail/client.ts';

export const attachment = Type.Object(
  {
    name: Type.String({
      pattern: '^[^/\\\\:*?"<>|\\u0000-\\u001f]{1,120}$',
      description: 'Name of the file, such as overdue.csv.',
    }),
    csv: Type.Optional(
      Type.Array(Type.Record(Type.String(), Type.Unknown()), {
        description:
          "A list of rows, as a table for spreadsheets. A text that one would take for a formula gets a ' before it.",
      }),
    ),
    columns: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        description:
          'Which fields of the rows, in this order; `manager.mail` is a field of a field. All without it.',
      }),
    ),
    html: Type.Optional(Type.String({ description: 'A web page.' })),
    file: Type.Optional(
      Type.Object(
        {
          name: Type.String(),
          type: Type.String(),
          size: Type.Integer(),
          sha256: Type.String(),
          base64: Type.String(),
        },
        {
          description: 'A file of the repository: `data.NAME`, where the runbook’s `data` says `as: file`.',
          additionalProperties: false,
        },
      ),
    ),
  },
  { additionalProperties: false },
);

export type AttachmentInput = Static<typeof attachment>;

const forms = ['csv', 'html', 'file'] as const;

/** What is wrong with them, in sentences; nothing when they can be sent. */
export function problemsOf(attachments: readonly AttachmentInput[]): string[] {
  const names = attachments.map(({ name }) => name.toLowerCase());
  return attachments.flatMap((each, index) => {
    const given = forms.filter((form) => each[form] !== undefined);
    const { name, file } = each;
    if (given.length !== 1)
      return [
        `The attachment ${name} takes one of csv, html and file, and has ${given.join(' and ') || 'none'}.`,
      ];
    if (names.indexOf(name.toLowerCase()) !== index) return [`Two attachments are called ${name}.`];
    if (file && sha256(Buffer.from(file.base64, 'base64')) !== file.sha256)
      return [`The file of the attachment ${name} is not the one that its sha256 names.`];
    return [];
  });
}

export function attachmentsOf(attachments: readonly AttachmentInput[]): Attachment[] {
  const [problem] = problemsOf(attachments);
  if (problem !== undefined) throw new PermanentFailure(problem);
  return attachments.map((each) => {
    const { name: filename, csv, columns, html, file } = each;
    if (file) return { filename, contentType: file.type, content: Buffer.from(file.base64, 'base64') };
    if (html !== undefined)
      return { filename, contentType: 'text/html; charset=utf-8', content: Buffer.from(html) };
    const rows = (csv ?? []) as Json[];
    // With a byte-order mark, since Excel takes a file without one for its own code page.
    const content = Buffer.from(`\ufeff${csvText(rows, columns ?? columnsOf(rows))}`);
    return { filename, contentType: 'text/csv; charset=utf-8', content };
  });
}

/** `overdue.csv (3 rows, 120 bytes, sha256 1f3a…)` of each: what somebody who signs is shown. */
export function inWords(attachments: readonly AttachmentInput[]): string {
  const made = problemsOf(attachments).length === 0 ? attachmentsOf(attachments) : [];
  return made
    .map(({ filename, content }, index) => {
      const rows = attachments[index]?.csv?.length;
      const counted = rows === undefined ? '' : `${rows} ${rows === 1 ? 'row' : 'rows'}, `;
      return `${filename} (${counted}${sizeText(content.length)}, sha256 ${sha256(content).slice(0, 12)})`;
    })
    .join(', ');
}

function sizeText(bytes: number): string {
  return bytes < 1024 ? `${bytes} bytes` : `${Math.ceil(bytes / 1024)} KB`;
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
