import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { type AutoReplyOf, findAutoReply, setAutoReplyOf } from './auto-reply.ts';
import { ensureInMailbox, nothingElse } from './ensure-mailbox.ts';
import { skipped, userField } from './mailbox.ts';

const input = Type.Object({ user: userField }, { additionalProperties: false });

const output = Type.Object({
  cleared: Type.Boolean({ description: 'True when this step ended it, false when there was none.' }),
  skipped,
});

export const clearAutoReply = defineAction({
  name: 'exchange.clearAutoReply',
  title: 'End an out-of-office reply',
  description: 'Stops a mailbox from answering by itself.',
  effect: 'write',
  source: 'Microsoft Graph: Update user mailbox settings',
  input,
  output,
  examples: [{ title: 'Somebody who is back', with: { user: 'a.lee@example.com' } }],

  ...ensureInMailbox<Static<typeof input>, AutoReplyOf, undefined, { cleared: boolean }>(findAutoReply, {
    also: nothingElse,
    isDone: ({ reply }) => reply.status === 'disabled',
    isDoneBefore: true,
    change: (mailbox, _, __, client) => setAutoReplyOf(client, mailbox, { status: 'disabled' }),
    output: ({ did }) => ({ cleared: did }),
    done: (name) => `the mailbox of ${name} does not answer by itself`,
    would: (name) => `would stop the mailbox of ${name} from answering by itself`,
  }),
});
