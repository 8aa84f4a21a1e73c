/** What the API says in codes, in the product's words. */
import { ticketSystemTitles } from '../../plan/ticket-systems.ts';
import { enumeratedText as enumerated } from '../../presentation/plain-text.ts';
import type { OutlineStep, RunStatus, WaitingOn } from '../api/types.ts';

export {
  enumeratedText as enumerated,
  fieldsChanged,
  fieldWords,
  isSealed,
  pathWords,
  plainText,
  sealedWords,
} from '../../presentation/plain-text.ts';

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
  const words = role
    .replace(/[-_]+/g, ' ')
    .replace(/\b(it|hr|cab|vpn|ad|dns|ssh|http)\b/gi, (word) => word.toUpperCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const systemTitles: Record<string, string> = ticketSystemTitles;

/** `jira` -> `Jira`; of what is no ticket system, its key in words. */
export function systemWords(system: string): string {
  return systemTitles[system] ?? roleWords(system);
}

/** The name of a calendar: one that its author wrote, or its key in words. */
export function nameWords(name: string): string {
  return /^[a-z][a-z0-9_-]*$/.test(name) ? roleWords(name) : name;
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

/** Addresses of tickets come from outside: only web addresses become links. */
export function webAddress(text: string | undefined): string | undefined {
  return text && /^https?:\/\//i.test(text) ? text : undefined;
}
