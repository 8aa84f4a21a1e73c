import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { ExchangeClient } from './client.ts';
import { sourceOf } from './cmdlets.ts';
import { findMailbox, isNone, mailboxOf, nothingThere, setMailbox, skipped, userField } from './mailbox.ts';

const input = Type.Object({ user: userField }, { additionalProperties: false });

const output = Type.Object({
  hidden: Type.Boolean({ description: 'True when this step hid them, false when they were hidden already.' }),
  skipped,
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

  async run({ user }, { client, rememberBeforeWrite }: Context) {
    const mailbox = await mailboxOf(client, user);
    if (isNone(mailbox)) return { hidden: false, skipped: mailbox.none };
    const wasHidden = await rememberBeforeWrite(async () => mailbox.hidden);
    if (!mailbox.hidden) await setMailbox(client, mailbox, { HiddenFromAddressListsEnabled: true });
    return { hidden: !wasHidden };
  },

  async preview({ user }, { client }: Context) {
    const mailbox = await findMailbox(client, user);
    if (isNone(mailbox)) return nothingThere(mailbox);
    if (mailbox?.hidden)
      return { summary: `address lists leave ${mailbox.name} out already`, nothingToDo: true };
    return { summary: `would hide ${mailbox?.name ?? user} from address lists` };
  },

  async verify({ user }, { client }: Context) {
    const mailbox = await mailboxOf(client, user);
    return isNone(mailbox) || mailbox.hidden;
  },
});
