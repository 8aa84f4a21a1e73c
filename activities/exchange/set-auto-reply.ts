import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import {
  type AutoReply,
  type AutoReplyOf,
  findAutoReply,
  htmlOf,
  momentOf,
  plainText,
  setAutoReplyOf,
  timeOf,
} from './auto-reply.ts';
import { ensureInMailbox } from './ensure-mailbox.ts';
import { skipped, userField } from './mailbox.ts';

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

  ...ensureInMailbox<Input, AutoReplyOf, AutoReply, { set: boolean }>(findAutoReply, {
    also: async (wanted) => replyOf(wanted),
    isDone: ({ reply }, wanted, { from }) =>
      isAtWork(reply, wanted, from) &&
      plainText(reply.internalReplyMessage) === plainText(wanted.internalReplyMessage) &&
      plainText(reply.externalReplyMessage) === plainText(wanted.externalReplyMessage),
    change: (mailbox, wanted, _, client) => setAutoReplyOf(client, mailbox, wanted),
    // Exchange may write the text down in other words of HTML than it was given.
    tookHold: ({ reply }, wanted, { from }) => isAtWork(reply, wanted, from),
    output: ({ did }) => ({ set: did }),
    done: (name) => `the mailbox of ${name} answers so already`,
    would: (name, _, { from, to }) => {
      const when = [from && `from ${from}`, to && `until ${to}`].filter(Boolean);
      return ['would let the mailbox of', name, 'answer by itself', ...when].join(' ');
    },
  }),
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

/** Whether it answers those whom it should, at the time at which it should. */
function isAtWork(reply: AutoReply, wanted: AutoReply, from: string | undefined): boolean {
  return (
    reply.status === wanted.status &&
    reply.externalAudience === wanted.externalAudience &&
    (wanted.status !== 'scheduled' ||
      // One that begins at once begins at another time each time it is tried.
      ((!from || sameTime(reply.scheduledStartDateTime, wanted.scheduledStartDateTime)) &&
        sameTime(reply.scheduledEndDateTime, wanted.scheduledEndDateTime)))
  );
}

function sameTime(a: AutoReply['scheduledEndDateTime'], b: AutoReply['scheduledEndDateTime']): boolean {
  return timeOf(a) !== undefined && timeOf(a) === timeOf(b);
}
