import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import { findUser, type GraphUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';

const input = Type.Object(
  {
    user: Type.String({
      minLength: 1,
      description: 'Sign-in name, e-mail address or object id of the person.',
    }),
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

/** The part of Graph's subscribedSku that matters here. */
interface Sku {
  skuId: string;
  skuPartNumber: string;
  appliesTo?: string | null;
  capabilityStatus?: string | null;
  consumedUnits?: number | null;
  prepaidUnits?: { enabled?: number | null; warning?: number | null } | null;
}

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

  async run({ user, license }, { client, signal }: Context) {
    const person = await personOf(client, user, signal);
    const sku = skuOf(await skus(client, signal), license);
    const result = { license: sku.skuPartNumber, skuId: sku.skuId };
    // Looked at first, so that a retry does not stumble over the last unit having been taken by its own first try.
    if (has(person, sku)) return { ...result, assigned: false };
    const problem = problemOf(person, sku);
    if (problem) throw new PermanentFailure(problem);
    const body = { addLicenses: [{ skuId: sku.skuId, disabledPlans: [] }], removeLicenses: [] };
    successOf(await client.ask('POST', `/users/${person.id}/assignLicense`, { body, signal }));
    return { ...result, assigned: true };
  },

  async preview({ user, license }, { client, signal }: Context) {
    const sku = skuOf(await skus(client, signal), license);
    const units = unitsOf(sku);
    const person = await findUser(client, user, ['usageLocation', 'assignedLicenses'], signal);
    // Often the step before makes the account, so that there is none when somebody asks what this would do.
    if (!person)
      return {
        summary: `would assign ${sku.skuPartNumber} once the account is there; ${units.free} of ${units.total} free`,
        ...(units.free < 1 ? { problems: [`No unit of ${sku.skuPartNumber} is free.`] } : {}),
      };
    if (has(person, sku))
      return { summary: `${nameOf(person)} has ${sku.skuPartNumber} already`, nothingToDo: true };
    const problem = problemOf(person, sku);
    return {
      summary: `would assign ${sku.skuPartNumber} to ${nameOf(person)}; ${units.free} of ${units.total} free`,
      ...(problem ? { problems: [problem] } : {}),
    };
  },

  async verify({ user, license }, { client, signal }: Context) {
    const person = await personOf(client, user, signal);
    return has(person, skuOf(await skus(client, signal), license));
  },
});

function personOf(client: GraphClient, user: string, signal: AbortSignal): Promise<GraphUser> {
  return userThatMustExist(client, user, ['usageLocation', 'assignedLicenses'], signal);
}

/** Microsoft Graph: List subscribedSkus. */
function skus(client: GraphClient, signal: AbortSignal): Promise<Sku[]> {
  return client.list<Sku>('/subscribedSkus', { signal });
}

function skuOf(all: Sku[], license: string): Sku {
  const wanted = license.toLowerCase();
  const sku = all.find(
    (item) => item.skuPartNumber.toLowerCase() === wanted || item.skuId.toLowerCase() === wanted,
  );
  if (!sku) {
    const names = all.filter((item) => item.appliesTo !== 'Company').map((item) => item.skuPartNumber);
    throw new PermanentFailure(
      `The organisation has no licence ${license}. It has: ${names.sort().join(', ') || 'none'}.`,
    );
  }
  return sku;
}

function has(person: GraphUser, sku: Sku): boolean {
  return (person.assignedLicenses ?? []).some((license) => license.skuId === sku.skuId);
}

/** What would stop the assignment, in words that say what to do. */
function problemOf(person: GraphUser, sku: Sku): string | undefined {
  const name = sku.skuPartNumber;
  if (!person.usageLocation)
    return `${nameOf(person)} has no usage location, and no licence can be assigned without one. Set the country of work first.`;
  if (sku.appliesTo === 'Company')
    return `${name} is a licence for the whole organisation, not for a person.`;
  if (sku.capabilityStatus && !['Enabled', 'Warning'].includes(sku.capabilityStatus))
    return `The subscription to ${name} is ${sku.capabilityStatus.toLowerCase()}. Renew it, or choose another licence.`;
  const { free, used, total } = unitsOf(sku);
  if (free <= 0)
    return `There are no free units of ${name} (${used} of ${total} used). Buy more or free one, then retry this step.`;
  return undefined;
}

/** An expired subscription's units (`warning`) can still be assigned during its grace period. */
function unitsOf(sku: Sku): { free: number; used: number; total: number } {
  const total = (sku.prepaidUnits?.enabled ?? 0) + (sku.prepaidUnits?.warning ?? 0);
  const used = sku.consumedUnits ?? 0;
  return { free: Math.max(0, total - used), used, total };
}
