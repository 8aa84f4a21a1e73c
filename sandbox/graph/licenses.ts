/** Licences: those assigned to a user, those that come with a group, and what Graph refuses (user: assignLicense). */
import type { SeedGroup, SeedSku, SeedUser } from '../seed.ts';
import { badRequest } from './errors.ts';

type Body = Record<string, unknown>;

export interface AssignedLicense {
  skuId: string;
  disabledPlans: string[];
}

/** One way in which a user has a licence (licenseAssignmentState resource type). */
export interface AssignmentState extends AssignedLicense {
  assignedByGroup: string | null;
  state: string;
  error: string;
  lastUpdatedDateTime: unknown;
}

export interface LicenseChange {
  assigned: AssignedLicense[];
  removed: string[];
}

/** Those assigned to the user or group itself. */
export function ownLicensesOf(holder: SeedUser | SeedGroup): AssignedLicense[] {
  return (holder.assignedLicenses ?? []) as AssignedLicense[];
}

/** A user may have the same licence in several ways. `groups` are those whose licences the user has. */
export function statesOf(user: SeedUser, groups: SeedGroup[]): AssignmentState[] {
  const stateOf = (license: AssignedLicense, assignedByGroup: string | null): AssignmentState => ({
    ...license,
    assignedByGroup,
    state: 'Active',
    error: 'None',
    lastUpdatedDateTime: user.createdDateTime,
  });
  return [
    ...ownLicensesOf(user).map((license) => stateOf(license, null)),
    ...groups.flatMap((group) => ownLicensesOf(group).map((license) => stateOf(license, group.id))),
  ];
}

/** Each licence once. */
export function licensesOf(states: AssignmentState[]): AssignedLicense[] {
  const bySku = new Map(states.map(({ skuId, disabledPlans }) => [skuId, { skuId, disabledPlans }]));
  return [...bySku.values()];
}

/** The services that licences give (assignedPlan resource type). The suites have e-mail; what is free has none. */
export function plansOf(licenses: AssignedLicense[], skus: SeedSku[]): Record<string, unknown>[] {
  return licenses.flatMap(({ skuId }) => {
    const sku = skuIn(skus, skuId);
    if (!sku.skuPartNumber.startsWith('SPE_')) return [];
    const servicePlanId = (sku.servicePlans as { servicePlanId: string }[])[0]?.servicePlanId;
    return [
      {
        assignedDateTime: '2024-01-15T08:00:00Z',
        capabilityStatus: 'Enabled',
        service: 'exchange',
        servicePlanId,
      },
    ];
  });
}

export function skuIn(skus: SeedSku[], skuId: string): SeedSku {
  const sku = skus.find((other) => other.skuId === skuId.toLowerCase());
  if (sku) return sku;
  throw badRequest(`License ${skuId} does not correspond to a valid company License.`);
}

/** What a request changes. All or nothing; assigning what somebody has already changes nothing, and only says so. */
export function licenseChangeOf(
  user: SeedUser,
  states: AssignmentState[],
  skus: SeedSku[],
  body: Body,
): LicenseChange {
  const add = (listOf(body, 'addLicenses') as Partial<AssignedLicense>[]).map(
    ({ skuId = '', disabledPlans = [] }) => ({ skuId: skuId.toLowerCase(), disabledPlans }),
  );
  const removed = (listOf(body, 'removeLicenses') as string[]).map((skuId) => skuId.toLowerCase());
  if (add.length > 0 && !user.usageLocation)
    throw badRequest('License assignment cannot be done for user with invalid usage location.');
  const own = new Set(ownLicensesOf(user).map(({ skuId }) => skuId));
  const all = new Set(states.map(({ skuId }) => skuId));
  for (const { skuId, disabledPlans } of add) {
    const sku = skuIn(skus, skuId);
    const plans = sku.servicePlans as { servicePlanId: string }[];
    if (disabledPlans.some((id) => !plans.some((plan) => plan.servicePlanId === id)))
      throw badRequest(`License assignment failed because service plan in ${skuId} is not valid.`);
    if (!all.has(skuId) && !removed.includes(skuId) && sku.consumedUnits >= sku.prepaidUnits.enabled)
      throw badRequest(`Subscription with SKU ${skuId} does not have any available licenses.`);
  }
  for (const skuId of removed) {
    if (own.has(skuId)) continue;
    throw badRequest(
      all.has(skuId)
        ? 'User license is inherited from a group membership and it cannot be removed directly from the user.'
        : 'User does not have a corresponding license.',
    );
  }
  return { assigned: add.filter(({ skuId }) => !own.has(skuId)), removed };
}

function listOf(body: Body, name: string): unknown[] {
  if (Array.isArray(body[name])) return body[name];
  throw badRequest(`The parameter '${name}' is missing or is not a collection.`);
}
