import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { sourceOf } from './cmdlets.ts';
import { ensureMailbox } from './ensure-mailbox.ts';
import { setMailbox, sizeMegabytes, skipped, userField } from './mailbox.ts';

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

  ...ensureMailbox<Static<typeof input>, Size, Omit<Static<typeof output>, 'skipped'>>({
    also: async (_, mailbox, client) => (mailbox ? sizeMegabytes(client, mailbox) : undefined),
    isDone: ({ type }) => type === 'shared',
    problem: ({ name }, size = 0) => problemOf(name, size),
    // Asked again while it is under way, Exchange goes on with the same conversion.
    change: (mailbox, _, __, client) => setMailbox(client, mailbox, { Type: 'Shared' }),
    begins: true,
    output: ({ did, now }) => ({ converting: did, sizeMegabytes: now.also ?? 0 }),
    done: (name) => `the mailbox of ${name} is shared already`,
    would: (name, size) =>
      `would make the mailbox of ${name} shared${size === undefined ? ' once it is there' : `; it has ${size} megabytes`}`,
  }),
});

/** Undefined before there is a mailbox. */
type Size = number | undefined;

function problemOf(name: string, size: number): string | undefined {
  if (size <= mostMegabytes) return undefined;
  return (
    `The mailbox of ${name} has ${size} megabytes, and a shared mailbox of more than ${mostMegabytes} would need a licence. ` +
    'Empty or archive some of it first, or keep it as it is with its licence.'
  );
}
