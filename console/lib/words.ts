/** What the API says in codes, in the product's words. */
import type { Json, OutlineStep, RunStatus, WaitingOn } from '../api/types.ts';

export const statusWords: Record<RunStatus, string> = {
  running: 'Running',
  waiting: 'Waiting',
  parked: 'Parked',
  paused: 'Paused',
  undoing: 'Taking steps back',
  succeeded: 'Done',
  failed: 'Failed',
  rejected: 'Rejected',
  cancelled: 'Cancelled',
};

export const endedStatuses: readonly RunStatus[] = ['succeeded', 'failed', 'rejected', 'cancelled'];

export const kindWords: Record<string, string> = {
  onboarding: 'Onboarding',
  offboarding: 'Offboarding',
  change: 'Changes',
  maintenance: 'Maintenance',
  procurement: 'Procurement',
  review: 'Reviews',
  other: 'Other',
};

/** `role:it-coordinators` -> `IT coordinators`; an address stays one. */
export function partyWords(party: string): string {
  return party.startsWith('role:') ? roleWords(party.slice(5)) : party;
}

/** `it-coordinators` -> `IT coordinators`. */
export function roleWords(role: string): string {
  const words = role.replace(/[-_]+/g, ' ').replace(/\b(it|hr|cab|vpn)\b/gi, (word) => word.toUpperCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** `givenName` -> `Given name`, for names that have no description. */
export function fieldWords(name: string): string {
  const words = name.replace(
    /([a-z0-9])([A-Z])/g,
    (_, end: string, next: string) => `${end} ${next.toLowerCase()}`,
  );
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** `a, b and c`. */
export function enumerated(items: readonly string[], last = 'and'): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} ${last} ${items.at(-1)}`;
}

/** For whom or what a run waits: `dana@example.com to sign`. */
export function waitingWords({ kind, people, role, title }: WaitingOn): string {
  const who = role
    ? roleWords(role)
    : people.length > 3
      ? `${people.length} people`
      : enumerated(people, 'or');
  switch (kind) {
    case 'gate':
      return `${who || 'somebody'} to sign`;
    case 'task':
      return `${who || 'somebody'} to do “${title}”`;
    case 'parked':
      return `${who || 'the owner'} to decide about “${title}”`;
    case 'window':
      return 'its window to open';
    case 'event':
      return `“${title}”`;
    case 'moment':
      return 'its time to come';
  }
}

/** What a step is, where that is not plain from what it does. */
export function stepTag({ tag, effect }: Pick<OutlineStep, 'tag' | 'effect'>): string | undefined {
  if (effect === 'destructive') return 'for good';
  return effect === 'read' ? 'only looks' : tag;
}

/** A value that the gateway keeps sealed. */
export function isSealed(value: Json | undefined): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && '$sealed' in value;
}

/** Addresses of tickets come from outside: only web addresses become links. */
export function webAddress(text: string | undefined): string | undefined {
  return text && /^https?:\/\//i.test(text) ? text : undefined;
}
