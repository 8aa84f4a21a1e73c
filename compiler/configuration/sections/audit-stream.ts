/** `auditStream`: where audit records go as they are written, for whoever watches many systems. */
import { badAuditStream } from '../../diagnostics/registry/configuration.ts';
import { object, text } from '../../schema/parts.ts';
import { childOf, textOf } from '../../source/tree.ts';
import { type Around, readMap, type Section } from '../section.ts';

export interface AuditStreamSettings {
  /** Unless absolute, beside countersign.yaml. */
  file?: string;
  webhook?: { url: string; secret: { $secret: string }; authorization?: { $secret: string } };
  from?: 'now' | 'beginning';
}

/** Nobody between reads what people did; on this machine there is nobody between. */
const ways = /^(https:\/\/[^\s@]+|http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(\/[^\s@]*)?)$/;

export const auditStream = {
  rank: 16,
  schema: object(
    {
      file: text('A file to which the gateway adds a line of JSON for each record.'),
      webhook: object(
        {
          url: text('The address to which lines of JSON are sent, signed: https://siem.example.com/in.'),
          secret: text('The secret with which they are signed.'),
          authorization: text(
            'The secret that is sent as the header Authorization, where the address asks for one.',
          ),
        },
        ['url', 'secret'],
        'An address that takes the records.',
      ),
      from: {
        enum: ['now', 'beginning'],
        description:
          'The first record that is sent, the first time: the next one, unless said, or the first of all.',
      },
    },
    [],
    'Where audit records go as they are written.',
  ),
  secrets: true,
  check(node, around: Around) {
    const [file, webhook] = [childOf(node, 'file'), childOf(node, 'webhook')];
    if ((file === undefined) === (webhook === undefined))
      around.reporter.report(badAuditStream, node, { what: 'Name either `file` or `webhook`.' });
    if (!webhook) return;
    const url = childOf(webhook, 'url');
    const value = textOf(url);
    if (url && value !== undefined && !ways.test(value))
      around.reporter.report(badAuditStream, url, {
        what: '`url` begins with https://, and has no credentials in it: those are a secret under `authorization`.',
      });
    for (const key of ['secret', 'authorization']) {
      const given = childOf(webhook, key);
      if (given && !around.isSecret(given))
        around.reporter.report(badAuditStream, given, {
          what: `\`${key}\` is a secret: \${{ secrets.NAME }}.`,
        });
    }
  },
  read: (node, around: Around) =>
    node === undefined ? undefined : (readMap(node, around) as unknown as AuditStreamSettings),
} satisfies Section<AuditStreamSettings | undefined>;
