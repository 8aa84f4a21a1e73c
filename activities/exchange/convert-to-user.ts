import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { sourceOf } from './cmdlets.ts';
import { ensureMailbox, nothingElse } from './ensure-mailbox.ts';
import { setMailbox, skipped, userField } from './mailbox.ts';

const input = Type.Object({ user: userField }, { additionalProperties: false });

const output = Type.Object({
  converting: Type.Boolean({
    description: 'True when this step began it, false when it belonged to a person already.',
  }),
  skipped,
});

export const convertToUser = defineAction({
  name: 'exchange.convertToUser',
  title: 'Make a shared mailbox personal',
  description:
    'Begins to turn a shared mailbox back into that of a person, who needs a licence with e-mail for it.',
  effect: 'write',
  source: sourceOf('Set-Mailbox'),
  input,
  output,
  undo: 'exchange.convertToShared',
  examples: [{ title: 'Somebody who returns', with: { user: 'a.lee@example.com' } }],

  ...ensureMailbox<Static<typeof input>, undefined, { converting: boolean }>({
    also: nothingElse,
    isDone: ({ type }) => type === 'user',
    // Also when the mailbox is personal: a conversion to shared that is still under way shows nowhere.
    evenIfDone: true,
    change: (mailbox, _, __, client) => setMailbox(client, mailbox, { Type: 'Regular' }),
    begins: true,
    output: ({ did }) => ({ converting: did }),
    done: (name) => `the mailbox of ${name} is personal already`,
    would: (name) => `would make the mailbox of ${name} personal again`,
  }),
});
