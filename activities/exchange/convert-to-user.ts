import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { ExchangeClient } from './client.ts';
import { sourceOf } from './cmdlets.ts';
import { findMailbox, mailboxThatMustExist, setMailbox, userField } from './mailbox.ts';

const input = Type.Object({ user: userField }, { additionalProperties: false });

const output = Type.Object({
  converting: Type.Boolean({
    description: 'True when this step began it, false when it belonged to a person already.',
  }),
});

type Context = ActionContext<ExchangeClient>;

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

  // Asked for even when the mailbox is personal: a conversion to shared that is still under way shows nowhere.
  async run({ user }, { client }: Context) {
    const mailbox = await mailboxThatMustExist(client, user);
    await setMailbox(client, mailbox, { Type: 'Regular' });
    return { converting: mailbox.type !== 'user' };
  },

  async preview({ user }, { client }: Context) {
    const mailbox = await findMailbox(client, user);
    if (mailbox?.type === 'user')
      return { summary: `the mailbox of ${mailbox.name} is personal already`, nothingToDo: true };
    return { summary: `would make the mailbox of ${mailbox?.name ?? user} personal again` };
  },

  async verify({ user }, { client }: Context) {
    return (await mailboxThatMustExist(client, user)).type === 'user';
  },
});
