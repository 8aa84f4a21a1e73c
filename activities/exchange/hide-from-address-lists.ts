import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { sourceOf } from './cmdlets.ts';
import { ensureMailbox, nothingElse } from './ensure-mailbox.ts';
import { setMailbox, skipped, userField } from './mailbox.ts';

const input = Type.Object({ user: userField }, { additionalProperties: false });

const output = Type.Object({
  hidden: Type.Boolean({ description: 'True when this step hid them, false when they were hidden already.' }),
  skipped,
});

type Input = Static<typeof input>;

export const hideFromAddressLists = defineAction({
  name: 'exchange.hideFromAddressLists',
  title: 'Hide from address lists',
  description: 'Takes a person out of the address lists of the organisation. Mail to them still arrives.',
  effect: 'write',
  source: sourceOf('Set-Mailbox'),
  input,
  output,
  undo: 'exchange.showInAddressLists',
  examples: [{ title: 'A leaver', with: { user: 'a.lee@example.com' } }],

  ...ensureMailbox<Input, undefined, { hidden: boolean }>({
    also: nothingElse,
    isDone: ({ hidden }) => hidden,
    change: (mailbox, _, __, client) => setMailbox(client, mailbox, { HiddenFromAddressListsEnabled: true }),
    output: ({ did }) => ({ hidden: did }),
    done: (name) => `address lists leave ${name} out already`,
    would: (name) => `would hide ${name} from address lists`,
  }),
});
