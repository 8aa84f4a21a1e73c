/** Mailboxes over Graph: settings and inbox rules (mailboxSettings and messageRule resource types). */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Mailbox, Mailboxes } from '../exchange/mailboxes.ts';
import { badQuery, GraphError } from './errors.ts';
import { checkOptions } from './query.ts';
import { bodyOf, type GraphContext, idOf, queryOf } from './request.ts';

const messages = ['internalReplyMessage', 'externalReplyMessage'];

export function mailboxRoutes(
  graph: FastifyInstance,
  { directory, url }: GraphContext,
  mailboxes: Mailboxes,
): void {
  const mailboxOf = (request: FastifyRequest): Mailbox => {
    const mailbox = mailboxes.of(directory.user(idOf(request)));
    if (mailbox) return mailbox;
    throw new GraphError(
      404,
      'MailboxNotEnabledForRESTAPI',
      'The mailbox is either inactive, soft-deleted, or is hosted on-premise.',
    );
  };
  const settingsOf = ({ owner, autoReply }: Mailbox) => ({
    '@odata.context': `${url()}/$metadata#users('${owner.id}')/mailboxSettings`,
    automaticRepliesSetting: autoReply,
  });

  graph.get('/users/:id/mailboxSettings', async (request) => {
    checkOptions(queryOf(request), ['$select']);
    const { $select = 'automaticRepliesSetting' } = queryOf(request);
    if ($select !== 'automaticRepliesSetting')
      throw badQuery(`The sandbox does not play the setting ${$select}.`);
    return settingsOf(mailboxOf(request));
  });

  graph.patch('/users/:id/mailboxSettings', async (request) => {
    const mailbox = mailboxOf(request);
    const { automaticRepliesSetting: changes, ...others } = bodyOf(request);
    const [other] = Object.keys(others);
    if (other) throw badQuery(`The sandbox does not play the setting ${other}.`);
    const autoReply = { ...mailbox.autoReply, ...asKept(changes as Record<string, unknown>) };
    checkSchedule(autoReply);
    const effect = autoReply.status === 'disabled' ? 'autoReply.cleared' : 'autoReply.set';
    mailboxes.set(mailbox, effect, { autoReply });
    return settingsOf({ ...mailbox, autoReply });
  });

  graph.get('/users/:id/mailFolders/:folder/messageRules', async (request) => ({
    '@odata.context': `${url()}/$metadata#users/mailFolders('inbox')/messageRules`,
    value: rulesIn(request).map((rule) => ({ ...rule, isEnabled: true, hasError: false })),
  }));

  graph.delete('/users/:id/mailFolders/:folder/messageRules/:rule', async (request, reply) => {
    const rule = rulesIn(request).find(({ id }) => id === idOf(request, 'rule'));
    if (!rule)
      throw new GraphError(404, 'ErrorItemNotFound', 'The specified object was not found in the store.');
    if (rule.isReadOnly) throw new GraphError(403, 'ErrorAccessDenied', 'The rule is read-only.');
    mailboxes.removeRule(mailboxOf(request), rule);
    return reply.code(204).send();
  });

  function rulesIn(request: FastifyRequest) {
    const { rules } = mailboxOf(request);
    if (idOf(request, 'folder').toLowerCase() === 'inbox') return rules;
    throw new GraphError(400, 'ErrorInvalidIdMalformed', 'Id is malformed.');
  }
}

/** Exchange makes a page of each message, and writes times with seven digits after the point. */
function asKept(changes: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(changes).map(([name, value]) => {
      if (messages.includes(name) && value)
        return [name, `<html>\r\n<body>\r\n<div>${String(value)}</div>\r\n</body>\r\n</html>\r\n`];
      if (!name.endsWith('DateTime')) return [name, value];
      const { dateTime = '', timeZone = 'UTC' } = value as { dateTime?: string; timeZone?: string };
      return [name, { dateTime: `${dateTime.slice(0, 19)}.0000000`, timeZone }];
    }),
  );
}

function checkSchedule(autoReply: Record<string, unknown>): void {
  if (autoReply.status !== 'scheduled') return;
  const time = (name: string) =>
    Date.parse(`${(autoReply[name] as { dateTime: string }).dateTime.slice(0, 19)}Z`);
  if (time('scheduledStartDateTime') < time('scheduledEndDateTime')) return;
  throw new GraphError(400, 'ErrorInvalidRequest', 'Start time must be earlier than end time.');
}
