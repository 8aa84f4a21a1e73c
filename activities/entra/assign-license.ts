import { Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import { findUser, type GraphUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';
import * as fields from './fields.ts';
import { has, problemOf, skuOf, skus, unitsOf } from './licenses.ts';

const input = Type.Object(
  {
    user: fields.user,
    license: Type.String({
      minLength: 1,
      description: 'Licence to assign: its product code (such as SPE_E3) or the id of the product.',
    }),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  license: Type.String({ description: 'Product code of the licence.' }),
  skuId: Type.String({ description: 'Id of the product.' }),
  assigned: Type.Boolean({
    description: 'True when this step assigned it, false when the person had it already.',
  }),
});

type Context = ActionContext<GraphClient>;

export const assignLicense = defineAction({
  name: 'entra.assignLicense',
  title: 'Assign a licence',
  description: 'Gives a person a licence, if they do not have it yet and a unit is free.',
  effect: 'write',
  source: 'Microsoft Graph: user: assignLicense',
  input,
  output,
  examples: [{ title: 'Microsoft 365 E3', with: { user: 'a.lee@example.com', license: 'SPE_E3' } }],

  async run({ user, license }, { client, rememberBeforeWrite }: Context) {
    const person = await personOf(client, user);
    const sku = skuOf(await skus(client), license);
    const result = { license: sku.skuPartNumber, skuId: sku.skuId };
    // Looked at first, so that a retry does not stumble over the last unit having been taken by its own first try.
    const had = await rememberBeforeWrite(async () => has(person, sku));
    if (has(person, sku)) return { ...result, assigned: !had };
    const problem = problemOf(person, sku);
    if (problem) throw new PermanentFailure(problem);
    const body = { addLicenses: [{ skuId: sku.skuId, disabledPlans: [] }], removeLicenses: [] };
    successOf(await client.ask('POST', `/users/${person.id}/assignLicense`, { body }));
    return { ...result, assigned: !had };
  },

  async preview({ user, license }, { client }: Context) {
    const sku = skuOf(await skus(client), license);
    const units = unitsOf(sku);
    const person = await findUser(client, user, ['usageLocation', 'assignedLicenses']);
    // Often the step before makes the account, so that there is none when somebody asks what this would do.
    if (!person)
      return {
        summary: `would assign ${sku.skuPartNumber} once the account is there; ${units.free} of ${units.total} free`,
        ...defined({ problems: units.free < 1 ? [`No unit of ${sku.skuPartNumber} is free.`] : undefined }),
      };
    if (has(person, sku))
      return { summary: `${nameOf(person)} has ${sku.skuPartNumber} already`, nothingToDo: true };
    const problem = problemOf(person, sku);
    return {
      summary: `would assign ${sku.skuPartNumber} to ${nameOf(person)}; ${units.free} of ${units.total} free`,
      ...defined({ problems: problem ? [problem] : undefined }),
    };
  },

  async verify({ user, license }, { client }: Context) {
    const person = await personOf(client, user);
    return has(person, skuOf(await skus(client), license));
  },
});

function personOf(client: GraphClient, user: string): Promise<GraphUser> {
  return userThatMustExist(client, user, ['usageLocation', 'assignedLicenses']);
}
