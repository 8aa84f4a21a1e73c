import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { GraphClient } from '../kit/graph/client.ts';
import type { GraphUser } from '../kit/graph/users.ts';

const input = Type.Object(
  {
    sourceId: Type.String({
      format: 'uuid',
      description: 'Object id of the person in on-premises Active Directory, as its actions give it.',
    }),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  found: Type.Boolean({ description: 'Whether the account has come to Entra ID.' }),
  id: Type.Optional(Type.String({ description: 'Object id in Entra ID.' })),
  userPrincipalName: Type.Optional(
    Type.String({ description: 'Name with which the person signs in to the cloud.' }),
  ),
  accountEnabled: Type.Optional(
    Type.Boolean({ description: 'Whether the person can sign in to the cloud, by what was synced last.' }),
  ),
  lastSync: Type.Optional(
    Type.String({ description: 'When the account was last written from on-premises.' }),
  ),
});

type Synced = GraphUser & { onPremisesLastSyncDateTime?: string | null };

export const findSyncedUser = defineAction({
  name: 'entra.findSyncedUser',
  title: 'Look whether an account has been synced',
  description:
    'Looks for the account of a person from on-premises Active Directory in Entra ID, by the id that stays when they are renamed. It is no failure when it has not come yet: a runbook that waits for it repeats this step.',
  effect: 'read',
  source: 'Microsoft Graph: List users (onPremisesImmutableId, onPremisesLastSyncDateTime)',
  input,
  output,
  examples: [
    { title: 'After creating it there', with: { sourceId: '0fa8c62d-1221-414f-9499-846f458ac1fc' } },
  ],

  async run({ sourceId }, { client }: ActionContext<GraphClient>): Promise<Static<typeof output>> {
    const $select = 'id,userPrincipalName,accountEnabled,onPremisesLastSyncDateTime';
    const $filter = `onPremisesImmutableId eq '${immutableId(sourceId)}'`;
    const [user] = await client.list<Synced>('/users', { query: { $select, $filter } });
    if (!user) return { found: false };
    return {
      found: true,
      id: user.id,
      userPrincipalName: user.userPrincipalName,
      ...defined({
        accountEnabled: user.accountEnabled ?? undefined,
        lastSync: user.onPremisesLastSyncDateTime ?? undefined,
      }),
    };
  },
});

/** Entra Connect's: the bytes of objectGUID, whose first three groups stand the other way round, in base64. */
function immutableId(guid: string): string {
  const bytes = guid.split('-').map((group) => Buffer.from(group, 'hex'));
  return Buffer.concat(bytes.map((group, at) => (at < 3 ? group.reverse() : group))).toString('base64');
}
