import { Type } from 'typebox';
import { defined, unlessEmpty } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import { findUser, type GraphUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';
import type { ExchangeClient } from './client.ts';
import { mailboxSigns, noMailbox, skipped, userField } from './mailbox.ts';

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

type Context = ActionContext<ExchangeClient>;

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

  async run({ user }, { client, rememberBeforeWrite }: Context) {
    const person = await userThatMustExist(client, user, mailboxSigns);
    const rules = await rulesOf(client, person);
    if (!rules) return { removed: [], skipped: noMailbox(person).none };
    const removed = await rememberBeforeWrite(async () => rules.filter(isRemovable).map(titleOf));
    for (const rule of rules.filter(isRemovable)) {
      const answer = await client.ask('DELETE', `${pathOf(person)}/${encodeURIComponent(rule.id)}`, {});
      // Gone already: by an attempt of which the answer was lost, or by somebody else.
      if (answer.status !== 404) successOf(answer);
    }
    const kept = rules.filter((rule) => !isRemovable(rule)).map(titleOf);
    return { removed, ...defined({ kept: unlessEmpty(kept) }) };
  },

  async preview({ user }, { client }: Context) {
    const person = await findUser(client, user, []);
    const rules = (person && (await rulesOf(client, person))?.filter(isRemovable)) ?? [];
    const name = person ? nameOf(person) : user;
    if (rules.length === 0)
      return { summary: `the inbox of ${name} has no rules to remove`, nothingToDo: true };
    return { summary: `would remove from the inbox of ${name}: ${rules.map(titleOf).join(', ')}` };
  },

  async verify({ user }, { client }: Context) {
    const person = await userThatMustExist(client, user, []);
    return !(await rulesOf(client, person))?.some(isRemovable);
  },
});

function pathOf({ id }: GraphUser): string {
  return `/users/${id}/mailFolders/inbox/messageRules`;
}

/** Microsoft Graph: List rules. Undefined when there is no mailbox. */
async function rulesOf(client: GraphClient, person: GraphUser): Promise<Rule[] | undefined> {
  try {
    return await client.list<Rule>(pathOf(person));
  } catch (error) {
    if (error instanceof PermanentFailure && error.details.status === 404) return undefined;
    throw error;
  }
}

function isRemovable(rule: Rule): boolean {
  return !rule.isReadOnly;
}

function titleOf({ displayName, id }: Rule): string {
  return displayName ?? id;
}
