/** How a run's report says what became of things. */
import type { Inline } from '../plan/document.ts';
import type { Json, JsonObject } from '../plan/values.ts';
import type { Asking, ProposalTold } from './gate-story.ts';
import { enumeratedText, fieldWords, plainText } from './plain-text.ts';
import type { ActionTold, HandTold, RunStory } from './run-story.ts';

export type Row = [name: string, value: Inline[]];

export function rowsOf(value: Json | undefined): Row[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).map(([name, item]): Row => [fieldWords(name), [plainText(item)]]);
}

export function ruleText({ needed, from = [], quorum }: Asking): string {
  const why = quorum === 'majority' ? ', the majority' : quorum === 'all' ? ', all of them' : '';
  const whom = from.length > 0 ? `, of ${enumeratedText(from.map(partyText))}` : '';
  return `${needed} must approve${why}${whom}`;
}

export function partyText(party: string): string {
  return party.startsWith('role:') ? `the role ${party.slice(5)}` : party;
}

export function becameText(
  became: HandTold['became'] | ProposalTold['became'],
  afterwards?: true,
  reason?: string,
): string {
  switch (became) {
    case 'in force':
      return 'in force at once';
    case 'owed':
      return 'in force at once; its signature is owed';
    case 'open':
      return afterwards ? 'in force; its signature is owed' : 'not in force; not decided yet';
    case 'countersigned':
      return afterwards ? 'signed afterwards' : 'signed, and in force from then on';
    case 'fell':
      return `fell${reason ? `: ${reason}` : ''}; what was signed stayed`;
    case 'withdrawn':
      return 'withdrawn; what was signed stayed';
  }
}

export function outcomeText({ outcome, by, undone }: ActionTold): string {
  const who = by ? ` by ${by}` : '';
  return `${outcome}${who}${undone ? ', then taken back' : ''}`;
}

export const effects: Record<ActionTold['effect'], string> = {
  read: 'only reads',
  write: 'changes something',
  destructive: 'for good',
};

export const causes: Record<string, string> = {
  manual: 'by hand',
  ticket: 'by a ticket',
  schedule: 'by its schedule',
  runbook: 'by another run',
};

export const statuses: Record<RunStory['run']['status'], string> = {
  running: 'still running',
  waiting: 'waiting',
  parked: 'parked: a person must decide',
  paused: 'held by its operator',
  undoing: 'being taken back',
  succeeded: 'done',
  failed: 'failed',
  rejected: 'refused',
  cancelled: 'called off',
};

export function namedValues(values: JsonObject): string {
  return Object.entries(values)
    .map(([name, value]) => `${fieldWords(name)} ${plainText(value)}`)
    .join('; ');
}
