import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { sourceOf } from './cmdlets.ts';
import { ensureMailbox, nothingElse } from './ensure-mailbox.ts';
import { setMailbox, skipped, userField } from './mailbox.ts';

const input = Type.Object({ user: userField }, { additionalProperties: false });

const output = Type.Object({
  shown: Type.Boolean({
    description: 'True when this step put them back, false when they were shown already.',
  }),
  skipped,
});

type Input = Static<typeof input>;

export const showInAddressLists = defineAction({
  name: 'exchange.showInAddressLists',
  title: 'Show in address lists',
  description: 'Puts a person back into the address lists of the organisation.',
  effect: 'write',
  source: sourceOf('Set-Mailbox'),
  input,
  output,
  undo: 'exchange.hideFromAddressLists',
  examples: [{ title: 'Somebody who returns', with: { user: 'a.lee@example.com' } }],

  ...ensureMailbox<Input, undefined, { shown: boolean }>({
    also: nothingElse,
    isDone: ({ hidden }) => !hidden,
    change: (mailbox, _, __, client) => setMailbox(client, mailbox, { HiddenFromAddressListsEnabled: false }),
    output: ({ did }) => ({ shown: did }),
    done: (name) => `address lists show ${name} already`,
    would: (name) => `would show ${name} in address lists again`,
  }),
});
