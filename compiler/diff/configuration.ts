/** What a change of `countersign.yaml` does to signatures: who may give them, who else may, and what they are held to. */

import { durationText } from '../../plan/durations-and-quorums.ts';
import type { Role } from '../../plan/organisation.ts';
import type { JsonObject } from '../../plan/plan.ts';
import type { Configuration } from '../configuration/configuration.ts';
import type { Change } from './changes.ts';
import { same } from './steps.ts';

type Found = Pick<Change, 'about' | 'text'>;

export function configurationChanges(
  before: Configuration | undefined,
  after: Configuration | undefined,
): Change[] {
  const policies = policyChanges(before?.policies ?? [], after?.policies ?? []);
  const found = before && after ? [...policies, ...signerChanges(before, after)] : policies;
  return found.map((each) => ({ runbook: 'countersign.yaml', ...each }));
}

function signerChanges(before: Configuration, after: Configuration): Found[] {
  return [
    ...Object.entries(after.roles).flatMap(([name, role]) => roleChanges(name, before.roles[name], role)),
    ...approvalChanges(before, after).map(gate),
    ...separationChanges(before, after).map(gate),
    ...accountChanges(before, after).map(gate),
  ];
}

function gate(text: string): Found {
  return { about: 'gate', text };
}

function policyChanges(before: Configuration['policies'], after: Configuration['policies']): Found[] {
  const rules = new Map(after.map((policy) => [policy.name, policy]));
  return before.flatMap((was) => {
    const is = rules.get(was.name);
    if (!is) return [gate(`the policy \`${was.name}\` is gone.`)];
    if (same([was.for, was.rule], [is.for, is.rule])) return [];
    return [
      gate(`the policy \`${was.name}\` asks for something else: \`${is.rule}\` instead of \`${was.rule}\`.`),
    ];
  });
}

/** A role that is new is told of where an approval names it. */
function roleChanges(name: string, was: Role | undefined, is: Role): Found[] {
  if (!was) return [];
  const found: Found[] = [];
  const joined = is.people.filter((person) => !was.people.includes(person));
  const left = was.people.filter((person) => !is.people.includes(person));
  if (joined.length > 0) found.push({ about: 'other', text: `${joined.join(', ')} joined role:${name}.` });
  // Of fewer people a majority, and all, are fewer signatures.
  if (left.length > 0) found.push({ about: 'other', text: `${left.join(', ')} left role:${name}.` });
  if (is.entraGroup !== undefined && is.entraGroup !== was.entraGroup)
    found.push(gate(`the members of the Entra group "${is.entraGroup}" are in role:${name} now.`));
  if (is.records && !was.records)
    found.push(gate(`role:${name} may now enter votes of others, as recorded in a meeting.`));
  if (is.recordedBy !== undefined && is.recordedBy !== was.recordedBy)
    found.push(gate(`${is.recordedBy} may now enter the votes of role:${name}.`));
  return [...found, ...standInChanges(name, was, is).map(gate)];
}

function standInChanges(name: string, was: Role, is: Role): string[] {
  const standing = Object.entries(is.delegates ?? {})
    .filter(([person, delegate]) => was.delegates?.[person] !== delegate)
    .map(([person, delegate]) => `${delegate} may now sign as role:${name} whenever ${person} is away.`);
  const known = new Set((was.absences ?? []).map((absence) => JSON.stringify(entriesOf(absence))));
  const away = (is.absences ?? [])
    .filter((absence) => absence.delegate !== undefined && !known.has(JSON.stringify(entriesOf(absence))))
    .map(
      ({ person, from, to, delegate }) =>
        `${delegate} may now sign as role:${name} instead of ${person}, from ${from} to ${to}.`,
    );
  const nameable = (is.standIns ?? [])
    .filter((person) => !was.standIns?.includes(person))
    .map((person) => `a member of role:${name} may now name ${person} to sign instead of them.`);
  return [...standing, ...nameable, ...away];
}

function entriesOf({ person, from, to, delegate }: NonNullable<Role['absences']>[number]): unknown[] {
  return [person, from, to, delegate ?? null];
}

function approvalChanges({ approvals: was }: Configuration, { approvals: is }: Configuration): string[] {
  const found: string[] = [];
  if (is.lastResort !== undefined && is.lastResort !== was.lastResort)
    found.push(`${is.lastResort} may now sign where nobody else is left who could.`);
  if (!same(was.objection, is.objection))
    found.push(
      `those whose votes are entered for them have ${durationText(is.objection)} instead of ${durationText(was.objection)} to object.`,
    );
  return found;
}

const separated = {
  author: 'whoever last changed a runbook may now sign in its runs.',
  operator: 'whoever operates a run may now sign in it.',
};

function separationChanges(before: Configuration, after: Configuration): string[] {
  return before.separationOfDuties
    .filter((duty) => !after.separationOfDuties.includes(duty))
    .map((duty) => separated[duty]);
}

/** Who asked never signs: whose account counts as whose decides who that is. */
function accountChanges(before: Configuration, after: Configuration): string[] {
  return Object.entries(after.tickets).flatMap(([system, settings]) => {
    const known = accountsOf(before.tickets[system]);
    return Object.entries(accountsOf(settings))
      .filter(([account, person]) => known[account] !== person)
      .map(
        ([account, person]) =>
          `the account ${account} of ${system} is ${String(person)} now, who does not sign what it asks for.`,
      );
  });
}

function accountsOf(settings: JsonObject | undefined): JsonObject {
  return (settings?.people ?? {}) as JsonObject;
}
