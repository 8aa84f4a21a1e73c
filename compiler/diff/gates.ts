/** Where a change needs fewer signatures, or allows others to give them. */

import { defined } from '../../plan/defined.ts';
import { quorumText, templateText } from '../../plan/durations-and-quorums.ts';
import { innerSteps } from '../../plan/inner-steps.ts';
import type { Amend, ApproveStep, Plan, Step } from '../../plan/plan.ts';
import { analyseGates, type GatedStep } from '../gates/analyse.ts';
import type { Change } from './changes.ts';

export type Plans = ReadonlyMap<string, Plan>;

/** `titleOf` names a step for people. */
export function gateChanges(before: Plan, after: Plan, all: { before: Plans; after: Plans }): Change[] {
  const old = analyseGates(before, (name) => all.before.get(name)).steps;
  const now = analyseGates(after, (name) => all.after.get(name)).steps;
  return [
    ...removedApprovals(old, now),
    ...lostGates(old, now),
    ...weakerApprovals(old, now),
    ...newUnsigned(old, now),
    ...newLeave(before, after),
  ].map((change) => ({ ...change, runbook: after.runbook, about: 'gate' as const }));
}

type Found = Pick<Change, 'step' | 'text'>;

function changesSomething({ step }: GatedStep): boolean {
  return step.kind === 'action' && step.effect !== 'read';
}

function byId(steps: readonly GatedStep[]): Map<string, GatedStep> {
  return new Map(steps.map((each) => [each.id, each]));
}

/** An approval that is gone, with all steps that waited for it, in one sentence. */
function removedApprovals(old: GatedStep[], now: GatedStep[]): Found[] {
  const current = byId(now);
  return old
    .filter(({ id, step }) => step.kind === 'approve' && current.get(id)?.step.kind !== 'approve')
    .map(({ id }) => {
      const open = old
        .filter((each) => changesSomething(each) && each.gates.some((gate) => gate.id === id))
        .map((each) => current.get(each.id))
        .filter((each) => each !== undefined);
      const unsigned = open.filter(({ gates }) => gates.length === 0);
      return { step: id, text: `the approval \`${id}\` is gone${consequence(open, unsigned)}` };
    });
}

function consequence(open: GatedStep[], unsigned: GatedStep[]): string {
  if (open.length === 0) return '.';
  if (unsigned.length > 0) return `: ${idList(unsigned)} now ${verb(unsigned, 'runs', 'run')} unsigned.`;
  return `: ${idList(open)} ${verb(open, 'no longer waits', 'no longer wait')} for it.`;
}

/** Steps that no longer wait for an approval that is still there. */
function lostGates(old: GatedStep[], now: GatedStep[]): Found[] {
  const before = byId(old);
  const lost = new Map<string, GatedStep[]>();
  for (const each of now.filter(changesSomething)) {
    for (const { id } of before.get(each.id)?.gates ?? []) {
      if (each.gates.some((gate) => gate.id === id) || !isApproval(now, id)) continue;
      lost.set(id, [...(lost.get(id) ?? []), each]);
    }
  }
  return [...lost].map(([id, steps]) => {
    const unsigned = steps.filter(({ gates }) => gates.length === 0);
    const later = steps.some(({ afterwards }) => afterwards.some((gate) => gate.id === id));
    const why = later ? ', which may now be given afterwards' : reasonOf(before.get(id), byId(now).get(id));
    return {
      step: id,
      text: `${idList(steps)} ${verb(steps, 'no longer waits', 'no longer wait')} for \`${id}\`${why}${
        unsigned.length > 0 ? `: ${idList(unsigned)} now ${verb(unsigned, 'runs', 'run')} unsigned` : ''
      }.`,
    };
  });
}

function isApproval(steps: readonly GatedStep[], id: string): boolean {
  return steps.some((each) => each.id === id && each.step.kind === 'approve');
}

function reasonOf(before: GatedStep | undefined, after: GatedStep | undefined): string {
  if (before?.step.kind !== 'approve' || after?.step.kind !== 'approve') return '';
  if (after.step.onReject && !before.step.onReject) return ', which now goes on after a refusal';
  if (after.step.if !== before.step.if && after.step.if !== undefined)
    return `, which is now asked only if \`${after.step.if}\``;
  return '';
}

/** The same approval with fewer signatures, or with others who may give them. */
function weakerApprovals(old: GatedStep[], now: GatedStep[]): Found[] {
  const before = byId(old);
  return now.flatMap(({ id, step }) => {
    const was = before.get(id)?.step;
    if (step.kind !== 'approve' || was?.kind !== 'approve') return [];
    return weaknesses(was, step).map((text) => ({ step: id, text: `\`${id}\` ${text}` }));
  });
}

function weaknesses(was: ApproveStep, is: ApproveStep): string[] {
  const found: string[] = [];
  if (lessThan(is.quorum, was.quorum))
    found.push(`needs ${quorumText(is.quorum)} instead of ${quorumText(was.quorum)}.`);
  const signers = (step: ApproveStep) => step.from.map(templateText);
  const added = signers(is).filter((signer) => !signers(was).includes(signer));
  const removed = signers(was).filter((signer) => !signers(is).includes(signer));
  if (added.length > 0)
    found.push(
      removed.length > 0
        ? `is now signed by ${quoted(added)} instead of ${quoted(removed)}.`
        : `may now be signed by ${quoted(added)} too.`,
    );
  else if (removed.length > 0 && is.quorum === 'all')
    found.push(
      `needs all of fewer people: ${quoted(removed)} ${removed.length === 1 ? 'is' : 'are'} no longer asked.`,
    );
  if (is.escalate !== undefined && JSON.stringify(is.escalate) !== JSON.stringify(was.escalate))
    found.push(`may now be signed by \`${templateText(is.escalate)}\` too, once its time has passed.`);
  const leftOut = (step: ApproveStep) => (step.except ?? []).map(templateText);
  const allowed = leftOut(was).filter((signer) => !leftOut(is).includes(signer));
  if (allowed.length > 0) found.push(`may now be signed by ${quoted(allowed)}, who was left out before.`);
  if (is.retroactive && !was.retroactive) found.push('may now be given afterwards.');
  const hidden = Object.keys(shownIn(was)).filter((key) => !(key in shownIn(is)));
  if (hidden.length > 0) found.push(`no longer shows ${quoted(hidden)} to those who sign.`);
  return found;
}

/** How much an approval asks for: of unknown people all is most, then a majority, then a number. */
function lessThan(is: ApproveStep['quorum'], was: ApproveStep['quorum']): boolean {
  if (typeof is === 'number' && typeof was === 'number') return is < was;
  const rank = (quorum: ApproveStep['quorum']) => (quorum === 'all' ? 2 : quorum === 'majority' ? 1 : 0);
  return rank(is) < rank(was);
}

function shownIn({ show }: ApproveStep): object {
  return typeof show === 'object' && show !== null ? show : {};
}

/** New steps that destroy something and that nobody signs. */
function newUnsigned(old: GatedStep[], now: GatedStep[]): Found[] {
  const before = byId(old);
  return now
    .filter(({ id, step, gates }) => {
      const was = before.get(id)?.step;
      const destroyed = was?.kind === 'action' && was.effect === 'destructive';
      return step.kind === 'action' && step.effect === 'destructive' && gates.length === 0 && !destroyed;
    })
    .map(({ id, step }) => ({
      step: id,
      text: `\`${id}\` is new, destroys something${step.kind === 'action' ? ` (${step.uses})` : ''}, and nobody signs before it.`,
    }));
}

/** What may be changed by hand without those who signed, or before they sign it. */
function newLeave(before: Plan, after: Plan): Found[] {
  const [was, is] = [leaveIn(before), leaveIn(after)];
  const rank = (amend: Amend | undefined) => (amend === 'free' ? 2 : amend === 'afterwards' ? 1 : 0);
  return [...is]
    .filter(([path, amend]) => rank(amend) > rank(was.get(path)))
    .map(([path, amend]) => ({
      ...defined({ step: path.startsWith('steps.') ? path.slice('steps.'.length) : undefined }),
      text:
        amend === 'free'
          ? `\`${path}\` may now be changed by hand without a signature.`
          : `\`${path}\` may now be changed by hand before it is signed.`,
    }));
}

function leaveIn(plan: Plan): Map<string, Amend> {
  const found = new Map<string, Amend>();
  for (const [name, { amend }] of Object.entries(plan.inputs)) if (amend) found.set(`inputs.${name}`, amend);
  const visit = (steps: readonly Step[]): void => {
    for (const step of steps) {
      if (step.amend) found.set(`steps.${step.id}`, step.amend);
      visit(innerSteps(step).flat());
    }
  };
  visit([...plan.steps, ...plan.finally]);
  return found;
}

function idList(steps: readonly GatedStep[]): string {
  return quoted(steps.map(({ id }) => id));
}

function quoted(names: readonly string[]): string {
  const all = names.map((name) => `\`${name}\``);
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}

function verb(steps: readonly unknown[], one: string, many: string): string {
  return steps.length === 1 ? one : many;
}
