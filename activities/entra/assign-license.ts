import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import { findUser, type GraphUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';
import * as fields from './fields.ts';
import { has, problemOf, type Sku, skuOf, skus, unitsOf } from './licenses.ts';

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

export const assignLicense = defineAction({
  name: 'entra.assignLicense',
  title: 'Assign a licence',
  description: 'Gives a person a licence, if they do not have it yet and a unit is free.',
  effect: 'write',
  source: 'Microsoft Graph: user: assignLicense',
  input,
  output,
  examples: [{ title: 'Microsoft 365 E3', with: { user: 'a.lee@example.com', license: 'SPE_E3' } }],

  ...ensure<Static<typeof input>, GraphClient, State, Static<typeof output>>({
    look: async ({ user, license }, { client }) => ({
      sku: skuOf(await skus(client), license),
      ...defined({ person: await findUser(client, user, personFields) }),
    }),
    need: async ({ user, license }, { client }) => ({
      person: await userThatMustExist(client, user, personFields),
      sku: skuOf(await skus(client), license),
    }),
    isDone: ({ person, sku }) => person !== undefined && has(person, sku),
    problem: ({ person, sku }) => {
      if (person) return problemOf(person, sku);
      return unitsOf(sku).free < 1 ? `No unit of ${sku.skuPartNumber} is free.` : undefined;
    },
    change: async ({ person, sku }, _, { client }) => {
      const body = { addLicenses: [{ skuId: sku.skuId, disabledPlans: [] }], removeLicenses: [] };
      successOf(await client.ask('POST', `/users/${person?.id}/assignLicense`, { body }));
    },
    output: ({ did, now: { sku } }) => ({ license: sku.skuPartNumber, skuId: sku.skuId, assigned: did }),
    words: {
      done: ({ person, sku }, { user }) =>
        `${person ? nameOf(person) : user} has ${sku.skuPartNumber} already`,
      would: (state, { license }) => {
        const name = state?.sku.skuPartNumber ?? license;
        // Often the step before makes the account, so that there is none when somebody asks what this would do.
        const whom = state?.person ? `to ${nameOf(state.person)}` : 'once the account is there';
        const units = state && unitsOf(state.sku);
        return `would assign ${name} ${whom}${units ? `; ${units.free} of ${units.total} free` : ''}`;
      },
    },
  }),
});

interface State {
  person?: GraphUser;
  sku: Sku;
}

const personFields = ['usageLocation', 'assignedLicenses'];
