import { type Static, Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { findUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';
import {
  type AutoReply,
  autoReplyOf,
  findAutoReply,
  htmlOf,
  momentOf,
  plainText,
  setAutoReplyOf,
  timeOf,
} from './auto-reply.ts';
import type { ExchangeClient } from './client.ts';
import { findMailbox, isNone, mailboxSigns, nothingThere, skipped, userField } from './mailbox.ts';

const input = Type.Object(
  {
    user: userField,
    internal: Type.String({ minLength: 1, description: 'What people of the organisation are answered.' }),
    external: Type.Optional(
      Type.String({
        description: 'What everybody else is answered. Unless given, the same; empty for no answer.',
      }),
    ),
    from: Type.Optional(
      Type.String({ format: 'date-time', description: 'When it begins. Unless given, at once.' }),
    ),
    to: Type.Optional(
      Type.String({
        format: 'date-time',
        description:
          'When it ends. Unless given, it does not end by itself, or a year after `from` where that is given.',
      }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  set: Type.Boolean({ description: 'True when this step set it, false when it was set so already.' }),
  skipped,
});

type Input = Static<typeof input>;
type Context = ActionContext<ExchangeClient>;

export const setAutoReply = defineAction({
  name: 'exchange.setAutoReply',
  title: 'Set an out-of-office reply',
  description: 'Lets a mailbox answer by itself, for a time or until told otherwise.',
  effect: 'write',
  source: 'Microsoft Graph: Update user mailbox settings',
  input,
  output,
  undo: 'exchange.clearAutoReply',
  examples: [
    {
      title: 'A leaver',
      with: {
        user: 'a.lee@example.com',
        internal: 'Ann has left. Please write to m.roth@example.com.',
        external: 'Please write to sales@example.com.',
      },
    },
    {
      title: 'For a time',
      with: {
        user: 'a.lee@example.com',
        internal: 'I am away.',
        from: '2026-12-21T00:00:00Z',
        to: '2027-01-04T00:00:00Z',
      },
    },
  ],

  async run(input, { client, rememberBeforeWrite }: Context) {
    const wanted = replyOf(input);
    const person = await userThatMustExist(client, input.user, mailboxSigns);
    const current = await autoReplyOf(client, person);
    if ('none' in current) return { set: false, skipped: current.none };
    const is = isSet(current, wanted, input);
    const was = await rememberBeforeWrite(async () => is);
    if (!is) await setAutoReplyOf(client, person, wanted);
    return { set: !was };
  },

  async preview(input, { client }: Context) {
    const wanted = replyOf(input);
    const mailbox = await findMailbox(client, input.user);
    if (isNone(mailbox)) return nothingThere(mailbox);
    const person = await findUser(client, input.user, []);
    const current = person && (await findAutoReply(client, person));
    const name = person ? nameOf(person) : input.user;
    if (current && isSet(current, wanted, input))
      return { summary: `the mailbox of ${name} answers so already`, nothingToDo: true };
    const when = [input.from && `from ${input.from}`, input.to && `until ${input.to}`].filter(Boolean);
    return { summary: ['would let the mailbox of', name, 'answer by itself', ...when].join(' ') };
  },

  async verify(input, { client }: Context) {
    const person = await userThatMustExist(client, input.user, mailboxSigns);
    const current = await autoReplyOf(client, person);
    return 'none' in current || isSet(current, replyOf(input), input);
  },
});

function replyOf({ internal, external = internal, from, to }: Input): AutoReply {
  const messages = {
    internalReplyMessage: htmlOf(internal),
    externalReplyMessage: htmlOf(external),
    externalAudience: external === '' ? ('none' as const) : ('all' as const),
  };
  if (!from && !to) return { status: 'alwaysEnabled', ...messages };
  // Exchange knows no schedule without a beginning and an end.
  const start = from ? new Date(from) : new Date();
  const end = to ? new Date(to) : new Date(start);
  if (!to) end.setUTCFullYear(end.getUTCFullYear() + 1);
  if (end <= start)
    throw new PermanentFailure(
      `The reply would end (${to}) before it begins (${from ?? 'now'}). Correct \`from\` or \`to\`.`,
    );
  return {
    status: 'scheduled',
    ...messages,
    scheduledStartDateTime: momentOf(start),
    scheduledEndDateTime: momentOf(end),
  };
}

function isSet(current: AutoReply, wanted: AutoReply, { from }: Input): boolean {
  return (
    current.status === wanted.status &&
    current.externalAudience === wanted.externalAudience &&
    plainText(current.internalReplyMessage) === plainText(wanted.internalReplyMessage) &&
    plainText(current.externalReplyMessage) === plainText(wanted.externalReplyMessage) &&
    (wanted.status !== 'scheduled' ||
      // One that begins at once begins at another time each time it is tried.
      ((!from || sameTime(current.scheduledStartDateTime, wanted.scheduledStartDateTime)) &&
        sameTime(current.scheduledEndDateTime, wanted.scheduledEndDateTime)))
  );
}

function sameTime(a: AutoReply['scheduledEndDateTime'], b: AutoReply['scheduledEndDateTime']): boolean {
  return timeOf(a) !== undefined && timeOf(a) === timeOf(b);
}
