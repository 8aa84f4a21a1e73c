import { Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import type { ExchangeClient } from './client.ts';
import { sourceOf } from './cmdlets.ts';
import {
  findMailbox,
  isNone,
  mailboxOf,
  nothingThere,
  setMailbox,
  sizeMegabytes,
  skipped,
  userField,
} from './mailbox.ts';

/** Exchange Online limits: a shared mailbox of more than 50 GiB needs a licence of its own. */
const mostMegabytes = 51_200;

const input = Type.Object({ user: userField }, { additionalProperties: false });

const output = Type.Object({
  converting: Type.Boolean({
    description: 'True when this step began it, false when the mailbox was shared already.',
  }),
  sizeMegabytes: Type.Integer({ description: 'How much is in it, in megabytes, rounded up.' }),
  skipped,
});

type Context = ActionContext<ExchangeClient>;

export const convertToShared = defineAction({
  name: 'exchange.convertToShared',
  title: 'Make a mailbox shared',
  description:
    'Begins to turn the mailbox of a person into a shared one, which needs no licence up to 50 gigabytes. ' +
    'Wait until exchange.getMailbox tells that it is shared before you take the licence away: else the mailbox is lost.',
  effect: 'write',
  source: sourceOf('Set-Mailbox', 'Get-MailboxStatistics'),
  input,
  output,
  undo: 'exchange.convertToUser',
  examples: [{ title: 'A leaver', with: { user: 'a.lee@example.com' } }],

  async run({ user }, { client, rememberBeforeWrite }: Context) {
    const mailbox = await mailboxOf(client, user);
    if (isNone(mailbox)) return { converting: false, sizeMegabytes: 0, skipped: mailbox.none };
    const wasShared = await rememberBeforeWrite(async () => mailbox.type === 'shared');
    const size = await sizeMegabytes(client, mailbox);
    if (mailbox.type === 'shared') return { converting: !wasShared, sizeMegabytes: size };
    const problem = problemOf(mailbox.name, size);
    if (problem) throw new PermanentFailure(problem);
    // Asked again while it is under way, Exchange goes on with the same conversion.
    await setMailbox(client, mailbox, { Type: 'Shared' });
    return { converting: !wasShared, sizeMegabytes: size };
  },

  async preview({ user }, { client }: Context) {
    const mailbox = await findMailbox(client, user);
    if (isNone(mailbox)) return nothingThere(mailbox);
    if (!mailbox) return { summary: `would make the mailbox of ${user} shared once it is there` };
    if (mailbox.type === 'shared')
      return { summary: `the mailbox of ${mailbox.name} is shared already`, nothingToDo: true };
    const size = await sizeMegabytes(client, mailbox);
    const problem = problemOf(mailbox.name, size);
    return {
      summary: `would make the mailbox of ${mailbox.name} shared; it has ${size} megabytes`,
      ...defined({ problems: problem ? [problem] : undefined }),
    };
  },

  async verify({ user }, { client }: Context) {
    const mailbox = await mailboxOf(client, user);
    return isNone(mailbox) || mailbox.type === 'shared';
  },
});

function problemOf(name: string, size: number): string | undefined {
  if (size <= mostMegabytes) return undefined;
  return (
    `The mailbox of ${name} has ${size} megabytes, and a shared mailbox of more than ${mostMegabytes} would need a licence. ` +
    'Empty or archive some of it first, or keep it as it is with its licence.'
  );
}
