import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { findUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';
import { autoReplyOf, findAutoReply, setAutoReplyOf } from './auto-reply.ts';
import type { ExchangeClient } from './client.ts';
import { mailboxSigns, skipped, userField } from './mailbox.ts';

const input = Type.Object({ user: userField }, { additionalProperties: false });

const output = Type.Object({
  cleared: Type.Boolean({ description: 'True when this step ended it, false when there was none.' }),
  skipped,
});

type Context = ActionContext<ExchangeClient>;

export const clearAutoReply = defineAction({
  name: 'exchange.clearAutoReply',
  title: 'End an out-of-office reply',
  description: 'Stops a mailbox from answering by itself.',
  effect: 'write',
  source: 'Microsoft Graph: Update user mailbox settings',
  input,
  output,
  examples: [{ title: 'Somebody who is back', with: { user: 'a.lee@example.com' } }],

  async run({ user }, { client, rememberBeforeWrite }: Context) {
    const person = await userThatMustExist(client, user, mailboxSigns);
    const current = await autoReplyOf(client, person);
    if ('none' in current) return { cleared: false, skipped: current.none };
    const isOff = current.status === 'disabled';
    const wasOff = await rememberBeforeWrite(async () => isOff);
    if (!isOff) await setAutoReplyOf(client, person, { status: 'disabled' });
    return { cleared: !wasOff };
  },

  async preview({ user }, { client }: Context) {
    const person = await findUser(client, user, []);
    const current = person && (await findAutoReply(client, person));
    const name = person ? nameOf(person) : user;
    if (!current || current.status === 'disabled')
      return { summary: `the mailbox of ${name} does not answer by itself`, nothingToDo: true };
    return { summary: `would stop the mailbox of ${name} from answering by itself` };
  },

  async verify({ user }, { client }: Context) {
    const person = await userThatMustExist(client, user, mailboxSigns);
    const current = await autoReplyOf(client, person);
    return 'none' in current || current.status === 'disabled';
  },
});
