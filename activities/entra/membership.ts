/** Whether one person is in one group, as adding and removing them looks at it. */
import { defined } from '../../plan/defined.ts';
import type { ActionContext } from '../kit/define-action.ts';
import type { GraphClient } from '../kit/graph/client.ts';
import { type Group, groupThatMustExist } from '../kit/graph/groups.ts';
import { findUser, type GraphUser, userThatMustExist } from '../kit/graph/users.ts';
import { isIn, managedElsewhere } from './groups.ts';

export interface Membership {
  group: Group;
  /** Why nothing is done, for a group whose members are not managed here. Then nobody is looked for. */
  skipped?: string;
  /** Absent while there is no account. */
  person?: GraphUser;
  /** Directly. */
  isIn: boolean;
}

interface Input {
  user: string;
  group: string;
}

export const membershipLooks = {
  look: (input: Input, context: ActionContext<GraphClient>) => membershipOf(input, context, findUser),
  need: (input: Input, context: ActionContext<GraphClient>) =>
    membershipOf(input, context, userThatMustExist),
};

async function membershipOf(
  { user, group: wanted }: Input,
  { client }: ActionContext<GraphClient>,
  find: typeof findUser,
): Promise<Membership> {
  const group = await groupThatMustExist(client, wanted);
  const skipped = managedElsewhere(group);
  const person = skipped === undefined ? await find(client, user, []) : undefined;
  return {
    group,
    ...defined({ skipped, person }),
    isIn: person !== undefined && (await isIn(client, person.id, group.id)),
  };
}
