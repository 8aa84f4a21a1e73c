import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { ExchangeClient } from './client.ts';
import { sourceOf } from './cmdlets.ts';
import { findMailbox, isNone, mailboxOf, nothingThere, setMailbox, skipped, userField } from './mailbox.ts';

const input = Type.Object({ user: userField }, { additionalProperties: false });

const output = Type.Object({
  shown: Type.Boolean({
    description: 'True when this step put them back, false when they were shown already.',
  }),
  skipped,
});

type Context = ActionContext<ExchangeClient>;

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

  async run({ user }, { client, rememberBeforeWrite }: Context) {
    const mailbox = await mailboxOf(client, user);
    if (isNone(mailbox)) return { shown: false, skipped: mailbox.none };
    const wasHidden = await rememberBeforeWrite(async () => mailbox.hidden);
    if (mailbox.hidden) await setMailbox(client, mailbox, { HiddenFromAddressListsEnabled: false });
    return { shown: wasHidden };
  },

  async preview({ user }, { client }: Context) {
    const mailbox = await findMailbox(client, user);
    if (isNone(mailbox)) return nothingThere(mailbox);
    if (mailbox && !mailbox.hidden)
      return { summary: `address lists show ${mailbox.name} already`, nothingToDo: true };
    return { summary: `would show ${mailbox?.name ?? user} in address lists again` };
  },

  async verify({ user }, { client }: Context) {
    const mailbox = await mailboxOf(client, user);
    return isNone(mailbox) || !mailbox.hidden;
  },
});
