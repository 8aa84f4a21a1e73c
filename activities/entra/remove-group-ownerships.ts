import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import { findUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';
import { isOnlyOwner, type Owned, ownedBy } from './access.ts';
import * as fields from './fields.ts';

const output = Type.Object({
  removed: Type.Array(Type.String(), {
    description: 'Names of the groups that the person owned and no longer does.',
  }),
  kept: Type.Array(fields.groupAndReason, {
    description: 'Groups that the person still owns, and why.',
  }),
});

type Context = ActionContext<GraphClient>;

export const removeGroupOwnerships = defineAction({
  name: 'entra.removeGroupOwnerships',
  title: 'Remove group ownerships',
  description:
    'Makes a person no longer an owner of any group. A group that nobody else owns is kept, saying so: give it another owner, then do this again.',
  effect: 'destructive',
  source: 'Microsoft Graph: Remove group owner',
  input: fields.onlyUser,
  output,
  examples: [{ title: 'A leaver', with: { user: 'a.lee@example.com' } }],

  async run({ user }, { client, rememberBeforeWrite }: Context) {
    const person = await userThatMustExist(client, user, []);
    const owned = await rememberBeforeWrite(() => groupsOwnedBy(client, person.id));
    const removed: string[] = [];
    const kept: { group: string; reason: string }[] = [];
    for (const { id, name } of owned) {
      const answer = await client.ask('DELETE', `/groups/${id}/owners/${person.id}/$ref`);
      // Asked for rather than looked up before: somebody may leave between the look and the removal.
      if (answer.status === 400 && /at least one owner/i.test(answer.error?.message ?? ''))
        kept.push({ group: name, reason: onlyOwner });
      else {
        if (answer.status !== 404) successOf(answer);
        removed.push(name);
      }
    }
    return { removed, kept };
  },

  async preview({ user }, { client }: Context) {
    const person = await findUser(client, user, []);
    if (!person) return fields.nobody(user);
    const owned = await groupsOwnedBy(client, person.id);
    const name = nameOf(person);
    const [others, alone]: [Owned[], Owned[]] = [[], []];
    for (const group of owned) ((await isOnlyOwner(client, group.id)) ? alone : others).push(group);
    const problems = alone.map((group) => `${group.name} would be kept: ${onlyOwner}`);
    const notes = problems.length > 0 ? { problems } : {};
    if (others.length === 0)
      return { summary: `${name} owns no group that can be given up`, nothingToDo: true, ...notes };
    return {
      summary: `would end that ${name} owns ${others.map((group) => group.name).join(', ')}`,
      ...notes,
    };
  },

  async verify({ user }, { client }: Context) {
    const person = await userThatMustExist(client, user, []);
    for (const { id } of await groupsOwnedBy(client, person.id))
      if (!(await isOnlyOwner(client, id))) return false;
    return true;
  },
});

const onlyOwner = 'nobody else owns it. Give it another owner first.';

async function groupsOwnedBy(client: GraphClient, userId: string): Promise<Owned[]> {
  return (await ownedBy(client, userId)).filter(({ kind }) => kind === 'group');
}
