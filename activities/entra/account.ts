/** Letting a person sign in, or not. */
import { defined } from '../../plan/defined.ts';
import type { ActionContext, Preview } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import { findUser, type GraphUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';

const fields = ['accountEnabled', 'onPremisesSyncEnabled'];

export interface Change {
  person: GraphUser;
  /** False when it was so before this step. */
  changed: boolean;
}

/** Microsoft Graph: Update user (accountEnabled). Rejects for a person whose account Active Directory decides about. */
export async function setEnabled(
  user: string,
  accountEnabled: boolean,
  { client, rememberBeforeWrite }: ActionContext<GraphClient>,
): Promise<Change> {
  const person = await userThatMustExist(client, user, fields);
  const changed = await rememberBeforeWrite(async () => person.accountEnabled !== accountEnabled);
  if (person.accountEnabled === accountEnabled) return { person, changed };
  const problem = masteredElsewhere(person, accountEnabled ? 'Enable' : 'Disable');
  if (problem) throw new PermanentFailure(problem);
  successOf(await client.ask('PATCH', `/users/${person.id}`, { body: { accountEnabled } }));
  return { person, changed };
}

export async function previewEnabled(
  client: GraphClient,
  user: string,
  accountEnabled: boolean,
): Promise<Preview> {
  const verb = accountEnabled ? 'enable' : 'disable';
  const person = await findUser(client, user, fields);
  if (!person) return { summary: `would ${verb} ${user} once the account is there` };
  if (person.accountEnabled === accountEnabled)
    return { summary: `${nameOf(person)} is ${verb}d already`, nothingToDo: true };
  const problem = masteredElsewhere(person, accountEnabled ? 'Enable' : 'Disable');
  return {
    summary: `would ${verb} ${nameOf(person)}`,
    ...defined({ problems: problem ? [problem] : undefined }),
  };
}

export async function isEnabled(client: GraphClient, user: string): Promise<boolean> {
  return (await userThatMustExist(client, user, fields)).accountEnabled === true;
}

/** `what` is what to do in Active Directory instead, such as `Disable`. */
export function masteredElsewhere(person: GraphUser, what: string): string | undefined {
  if (!person.onPremisesSyncEnabled) return undefined;
  return `${nameOf(person)} comes from on-premises Active Directory, and the cloud may not change it. ${what} the account in Active Directory; the change is synced from there.`;
}
