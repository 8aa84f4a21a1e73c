import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { ExchangeClient } from './client.ts';
import { sourceOf } from './cmdlets.ts';
import { findMailbox, mailboxThatMustExist, setMailbox, userField } from './mailbox.ts';

const input = Type.Object({ user: userField }, { additionalProperties: false });

const output = Type.Object({
  hidden: Type.Boolean({ description: 'True when this step hid them, false when they were hidden already.' }),
});

type Context = ActionContext<ExchangeClient>;

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

  async run({ user }, { client }: Context) {
    const mailbox = await mailboxThatMustExist(client, user);
    if (mailbox.hidden) return { hidden: false };
    await setMailbox(client, mailbox, { HiddenFromAddressListsEnabled: true });
    return { hidden: true };
  },

  async preview({ user }, { client }: Context) {
    const mailbox = await findMailbox(client, user);
    if (mailbox?.hidden)
      return { summary: `address lists leave ${mailbox.name} out already`, nothingToDo: true };
    return { summary: `would hide ${mailbox?.name ?? user} from address lists` };
  },

  async verify({ user }, { client }: Context) {
    return (await mailboxThatMustExist(client, user)).hidden;
  },
});
