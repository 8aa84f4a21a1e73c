import { type Static, Type } from 'typebox';
import { defined, unlessEmpty } from '../../plan/defined.ts';
import { defineAction } from '../kit/define-action.ts';
import { foundByBoth } from '../kit/ensure.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { deleteIfThere, type GraphClient } from '../kit/graph/client.ts';
import type { GraphUser } from '../kit/graph/users.ts';
import { ensureInMailbox, nothingElse } from './ensure-mailbox.ts';
import { skipped, userField } from './mailbox.ts';

const input = Type.Object({ user: userField }, { additionalProperties: false });

const output = Type.Object({
  removed: Type.Array(Type.String(), { description: 'Names of the rules that this step removed.' }),
  kept: Type.Optional(
    Type.Array(Type.String(), {
      description: 'Names of the rules that only Outlook can remove; absent when there are none.',
    }),
  ),
  skipped,
});

/** The part of Graph's messageRule that matters here. */
interface Rule {
  id: string;
  displayName: string | null;
  isReadOnly?: boolean | null;
}

export const removeInboxRules = defineAction({
  name: 'exchange.removeInboxRules',
  title: 'Remove inbox rules',
  description:
    'Removes the rules by which the inbox of a person sorts, forwards or deletes mail, so that none goes on forwarding unseen.',
  effect: 'destructive',
  source: 'Microsoft Graph: Delete messageRule',
  input,
  output,
  examples: [{ title: 'A leaver', with: { user: 'a.lee@example.com' } }],

  ...ensureInMailbox<Static<typeof input>, Inbox, undefined, Omit<Static<typeof output>, 'skipped'>>(
    inboxOf,
    {
      also: nothingElse,
      isDone: ({ removable }) => removable.length === 0,
      isDoneBefore: true,
      change: async ({ path, removable }, _, __, client) => {
        for (const { id } of removable) await deleteIfThere(client, `${path}/${encodeURIComponent(id)}`);
      },
      output: ({ before, now }) => ({
        removed: foundByBoth(rulesIn(before.found), rulesIn(now.found), ({ id }) => id).map(titleOf),
        ...defined({ kept: unlessEmpty((now.found?.kept ?? []).map(titleOf)) }),
      }),
      done: (name) => `the inbox of ${name} has no rules to remove`,
      would: (name, _, __, inbox) =>
        `would remove from the inbox of ${name}: ${rulesIn(inbox).map(titleOf).join(', ')}`,
    },
  ),
});

interface Inbox {
  /** Where its rules are. */
  path: string;
  removable: Rule[];
  kept: Rule[];
}

/** Microsoft Graph: List rules. Undefined when there is no mailbox. */
async function inboxOf(client: GraphClient, { id }: GraphUser): Promise<Inbox | undefined> {
  const path = `/users/${id}/mailFolders/inbox/messageRules`;
  try {
    const rules = await client.list<Rule>(path);
    const isKept = ({ isReadOnly }: Rule) => isReadOnly === true;
    return { path, removable: rules.filter((rule) => !isKept(rule)), kept: rules.filter(isKept) };
  } catch (error) {
    if (error instanceof PermanentFailure && error.details.status === 404) return undefined;
    throw error;
  }
}

function rulesIn(inbox: Inbox | undefined): readonly Rule[] {
  return inbox?.removable ?? [];
}

function titleOf({ displayName, id }: Rule): string {
  return displayName ?? id;
}
