import { type Static, Type } from 'typebox';
import { defined, unlessEmpty } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { accountNameProblem, problemOf } from './checks.ts';
import type { AdClient } from './client.ts';
import type { Directory } from './directory.ts';
import type { Entry } from './entry.ts';
import * as fields from './fields.ts';
import { find, findSurely } from './find.ts';
import { childOf } from './names.ts';

const input = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 64,
      description: 'Name of the group, which nothing else has.',
    }),
    container: fields.container('Organisational unit in which the group is made'),
    scope: Type.Optional(
      Type.Union([Type.Literal('global'), Type.Literal('domainLocal'), Type.Literal('universal')], {
        description:
          'Who can be in it and where it counts: global (unless said otherwise), domainLocal or universal.',
      }),
    ),
    distribution: Type.Optional(
      Type.Boolean({ description: 'True for a list that only receives mail and gives no access.' }),
    ),
    description: Type.Optional(Type.String({ minLength: 1, description: 'What the group is for.' })),
    managedBy: Type.Optional(
      Type.String({ minLength: 1, description: 'Sign-in name, account name or object id of its owner.' }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  id: fields.id,
  name: Type.String({ description: 'Name of the group.' }),
  distinguishedName: fields.distinguishedName,
});

type Input = Static<typeof input>;
type Context = ActionContext<AdClient>;

/** groupType: a signed number, whose highest bit makes a group one that gives access. */
const scopes = { global: 0x2, domainLocal: 0x4, universal: 0x8 } as const;
const security = 0x80000000;
/** Of a name that groups, people and computers share. */
const longestName = 64;

export const createGroup = defineAction({
  name: 'ad.createGroup',
  title: 'Create a group',
  description:
    'Creates a group, empty. A name that is taken is refused before. Trying again finds the group of the first try. Its undo deletes the group.',
  effect: 'write',
  source: 'MS-ADTS: Add Operation, groupType',
  input,
  output,
  undo: 'ad.deleteGroup',
  examples: [
    {
      title: 'For a project',
      with: { name: 'Project Aurora', container: 'OU=Groups,DC=corp,DC=example,DC=com', managedBy: 'm.roth' },
    },
  ],

  run: (input, { client, key }: Context) =>
    client.session(async (directory) => {
      const { own, problems } = await look(directory, input, client.marker, key);
      if (own === undefined && problems[0] !== undefined) throw new PermanentFailure(problems[0]);
      const group = own ?? (await create(directory, input, client.marker, key));
      return { id: group.id, name: input.name, distinguishedName: group.dn };
    }),

  preview: (input, { client, key }: Context) =>
    client.session(async (directory) => {
      const { problems } = await look(directory, input, client.marker, key);
      return {
        summary: `would create the group ${input.name} in ${input.container}`,
        ...defined({ problems: unlessEmpty(problems) }),
      };
    }),

  verify: (input, { client, key }: Context) =>
    client.session(async (directory) => (await look(directory, input, client.marker, key)).own !== undefined),
});

/** `own` is the group that an earlier try of this very step made. */
async function look(
  directory: Directory,
  input: Input,
  marker: string,
  key: string,
): Promise<{ own?: Entry; problems: string[] }> {
  const found = await find(directory, 'group', input.name, [marker]);
  if (found?.text(marker) === key) return { own: found, problems: [] };
  const problems = [accountNameProblem(input.name, longestName), problemOf('cn', input.name)].filter(
    (problem) => problem !== undefined,
  );
  if (found)
    problems.push(
      `${found.dn} has the name ${input.name} already (${found.id}), and is not of this run. Choose another \`name\`.`,
    );
  if (!(await directory.read(input.container, ['objectGUID'])))
    problems.push(`Active Directory has no ${input.container}. Correct \`container\`.`);
  if (input.managedBy !== undefined && !(await find(directory, 'user', input.managedBy)))
    problems.push(
      `Active Directory has no user ${input.managedBy} to own it. Correct \`managedBy\`, or leave it out.`,
    );
  return { problems };
}

async function create(directory: Directory, input: Input, marker: string, key: string): Promise<Entry> {
  const owner =
    input.managedBy === undefined ? undefined : await findSurely(directory, 'user', input.managedBy);
  const { scope = 'global', distribution = false } = input;
  await directory.add(childOf(input.container, input.name), {
    objectClass: 'group',
    sAMAccountName: input.name,
    groupType: String(scopes[scope] | (distribution ? 0 : security)),
    ...defined({ description: input.description, managedBy: owner?.dn }),
    [marker]: key,
  });
  return findSurely(directory, 'group', input.name);
}
