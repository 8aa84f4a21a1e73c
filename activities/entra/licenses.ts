/** Licences of the organisation, and how a person came by theirs. */
import { PermanentFailure } from '../kit/failures.ts';
import type { GraphClient } from '../kit/graph/client.ts';
import { type GraphUser, nameOf } from '../kit/graph/users.ts';

/** The part of Graph's subscribedSku that matters here. */
export interface Sku {
  skuId: string;
  skuPartNumber: string;
  appliesTo?: string | null;
  capabilityStatus?: string | null;
  consumedUnits?: number | null;
  prepaidUnits?: { enabled?: number | null; warning?: number | null } | null;
}

export interface Units {
  total: number;
  used: number;
  free: number;
}

/** One way in which a person has a licence; they may have the same licence in several (licenseAssignmentState resource type). */
export interface Assignment {
  skuId: string;
  /** Id of the group that gives it; absent when it was assigned to the person. */
  assignedByGroup?: string | null;
}

/** Microsoft Graph: List subscribedSkus. */
export function skus(client: GraphClient): Promise<Sku[]> {
  return client.list<Sku>('/subscribedSkus');
}

/** By product code or id. Rejects when the organisation has no such licence, naming those it has. */
export function skuOf(all: Sku[], license: string): Sku {
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

/** The product code; the id for a product that the organisation no longer subscribes to. */
export function codeOf(all: Sku[], skuId: string): string {
  return all.find((sku) => sku.skuId.toLowerCase() === skuId.toLowerCase())?.skuPartNumber ?? skuId;
}

/** An expired subscription's units (`warning`) can still be assigned during its grace period. */
export function unitsOf(sku: Sku): Units {
  const total = (sku.prepaidUnits?.enabled ?? 0) + (sku.prepaidUnits?.warning ?? 0);
  const used = sku.consumedUnits ?? 0;
  return { free: Math.max(0, total - used), used, total };
}

export function has(person: GraphUser, sku: Sku): boolean {
  return (person.assignedLicenses ?? []).some((license) => license.skuId === sku.skuId);
}

/** What would stop an assignment, in words that say what to do. */
export function problemOf(person: GraphUser, sku: Sku): string | undefined {
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

/** Microsoft Graph: Get user (licenseAssignmentStates, which are returned only when asked for). */
export async function assignmentsOf(client: GraphClient, userId: string): Promise<Assignment[]> {
  const query = { $select: 'id,licenseAssignmentStates' };
  const user = await client.get<{ licenseAssignmentStates?: Assignment[] | null }>(`/users/${userId}`, {
    query,
  });
  return user.licenseAssignmentStates ?? [];
}
