import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { ExchangeClient } from './client.ts';
import { sourceOf } from './cmdlets.ts';
import { findMailbox, isNone, mailboxOf, nothingThere, setMailbox, skipped, userField } from './mailbox.ts';

const input = Type.Object({ user: userField }, { additionalProperties: false });

const output = Type.Object({
  converting: Type.Boolean({
    description: 'True when this step began it, false when it belonged to a person already.',
  }),
  skipped,
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
  async run({ user }, { client, rememberBeforeWrite }: Context) {
    const mailbox = await mailboxOf(client, user);
    if (isNone(mailbox)) return { converting: false, skipped: mailbox.none };
    const wasPersonal = await rememberBeforeWrite(async () => mailbox.type === 'user');
    await setMailbox(client, mailbox, { Type: 'Regular' });
    return { converting: !wasPersonal };
  },

  async preview({ user }, { client }: Context) {
    const mailbox = await findMailbox(client, user);
    if (isNone(mailbox)) return nothingThere(mailbox);
    if (mailbox?.type === 'user')
      return { summary: `the mailbox of ${mailbox.name} is personal already`, nothingToDo: true };
    return { summary: `would make the mailbox of ${mailbox?.name ?? user} personal again` };
  },

  async verify({ user }, { client }: Context) {
    const mailbox = await mailboxOf(client, user);
    return isNone(mailbox) || mailbox.type === 'user';
  },
});
