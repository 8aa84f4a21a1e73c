/** Reads a list of steps: what all kinds share, and which reader takes which kind. */

import { defined } from '../../plan/defined.ts';
import type { Amend, Step, StepKind } from '../../plan/plan.ts';
import { commonKeys } from '../../plan/step-kinds/schemas.ts';
import * as flowCodes from '../diagnostics/registry/flow.ts';
import * as signatures from '../diagnostics/registry/signatures.ts';
import * as structure from '../diagnostics/registry/structure.ts';
import { nearest } from '../diagnostics/suggest.ts';
import type { StepInfo } from '../expressions/scope.ts';
import { readAmend } from '../runbook/input-schema.ts';
import { checkNode } from '../schema/check.ts';
import { kindSchema, kindSchemas, stepSchema } from '../schema/steps.ts';
import type { CompileSession } from '../scope/compile-session.ts';
import type { Reading } from '../scope/reading.ts';
import type { StepPosition } from '../scope/scope-at.ts';
import { describeNode, type Entry, entryOf, type MapNode, type Node, textOf } from '../source/tree.ts';
import { readCondition } from '../values/template.ts';
import { readers } from './registry.ts';
import type { Found, Reader } from './step-reading.ts';

export function readSteps(node: Node | undefined, where: string, reading: Reading): Step[] {
  if (!node || node.broken) return [];
  if (node.kind !== 'list') {
    const hint = node.kind === 'map' ? 'Begin each step with a dash: `- `.' : undefined;
    reading.report(structure.wrongKind, node, {
      where,
      takes: 'a list of steps',
      is: describeNode(node),
      hint,
    });
    return [];
  }
  if (node.items.length === 0)
    reading.report(structure.itemCount, node, { where, takes: 'at least one step', has: 0 });
  reportNeverReached(node.items, reading.session);
  return node.items.map((item) => readStep(item, reading)).filter((step) => step !== undefined);
}

function reportNeverReached(items: readonly Node[], session: CompileSession): void {
  const at = items.findIndex(
    (item) => item.kind === 'map' && (entryOf(item, 'end') ?? entryOf(item, 'fail')) && !entryOf(item, 'if'),
  );
  const [end, next] = at === -1 ? [] : items.slice(at, at + 2);
  if (!end || next?.kind !== 'map') return;
  session.report(flowCodes.neverReached, next.entries[0]?.keyRange ?? next, { line: session.lineOf(end) });
}

/** How the run ends is settled by then. */
function reportEnds(node: MapNode, kind: StepKind, { session, scope }: Reading): void {
  // In a list a `fail` ends its item alone.
  const ends = kind === 'end' || (kind === 'fail' && !scope.isInList);
  const end = ends ? entryOf(node, kind) : undefined;
  if (end) session.report(flowCodes.endsClosing, end.keyRange, { what: kind });
  const onError = entryOf(node, 'onError');
  if (onError && textOf(onError.value) === 'abort')
    session.report(flowCodes.endsClosing, onError.keyRange, { what: 'onError: abort' });
}

/** The kind of a step by its key: what it does. `steps` counts last, since other kinds have it too. */
export function kindOf(node: MapNode): StepKind | undefined {
  return kindSchemas.find(({ key }) => entryOf(node, key))?.kind;
}

function readStep(node: Node, reading: Reading): Step | undefined {
  if (node.broken || reading.session.givenUp) return undefined;
  if (reading.session.isLate) {
    reading.session.giveUp(node);
    return undefined;
  }
  if (node.kind !== 'map') {
    reading.report(structure.wrongKind, node, {
      where: 'A step',
      takes: 'a set of keys',
      is: describeNode(node),
    });
    return undefined;
  }
  const id = reading.session.ids.get(node);
  const place = id === undefined ? undefined : reading.session.places.get(id);
  if (id === undefined || !place) return undefined;
  const kind = kindOf(node);
  if (!kind) {
    reading.scope.add(unknownStep(place, reading.scope.path));
    return reportNoKind(node, reading.session);
  }
  reportSecondKind(node, kind, reading.session);
  checkKeys(node, kind, reading.session);
  const here = reading.with({ order: place.order, self: id });
  const condition = entryOf(node, 'if');
  const read = condition && readCondition(condition.value, '`if`', here);
  const inner = read ? here.guarded(read.guards, read.facts) : here;
  const title = entryOf(node, 'title');
  const titleText = title && textOf(title.value);
  if (title) reading.session.plainText(title.value, 'a title');
  if (place.part === 'finally') reportEnds(node, kind, reading);
  const onErrorText = textOf(entryOf(node, 'onError')?.value);
  const onError = onErrorText === 'continue' || onErrorText === 'abort' ? onErrorText : undefined;
  if (read && condition) nameGuards(id, read.guards, reading.session);
  const reader = readers[kind] as Reader<StepKind>;
  const found = reader({ reading: inner, outer: here, id, node, onError, readSteps });
  const guards = [...new Set([...inner.scope.guards, ...reading.session.shared.earlyEnds])];
  const { line } = place;
  const containers = reading.scope.path;
  reading.scope.add(infoOf({ id, kind, line, guards, containers }, onError, found));
  if (!found) return undefined;
  const amend = readStepAmend(entryOf(node, 'amend'), kind, reading);
  return { ...defined({ id, title: titleText, if: read?.cel, onError, amend }), kind, ...found.step } as Step;
}

/** Nobody enters by hand what an approval gives, and an end gives nothing. */
function readStepAmend(entry: Entry | undefined, kind: StepKind, reading: Reading): Amend | undefined {
  if (entry && (kind === 'approve' || kind === 'end' || kind === 'fail' || kind === 'set'))
    reading.report(signatures.amendNothing, entry.keyRange, { what: kindSchema(kind).words });
  return readAmend(entry?.value);
}

function nameGuards(id: string, guards: string[], session: CompileSession): void {
  for (const guard of guards) {
    if (!session.shared.guardWords.has(guard))
      session.shared.guardWords.set(guard, `the step \`${id}\` runs only if \`${guard}\``);
  }
}

/** What does nothing that is known may give anything: steps behind it are not told that it comes later. */
function unknownStep({ id, line }: StepPosition, containers: readonly string[]): StepInfo {
  const statuses = ['succeeded', 'skipped', 'failed', 'rejected', 'expired'];
  return { id, kind: 'approve', line, guards: [], containers, output: { kind: 'dyn' }, statuses };
}

function infoOf(
  step: Pick<StepInfo, 'id' | 'kind' | 'line' | 'guards' | 'containers'>,
  onError: 'continue' | 'abort' | undefined,
  found: Found<StepKind> | undefined,
): StepInfo {
  const failed = onError === 'continue' ? `the step \`${step.id}\` may fail and go on` : undefined;
  return {
    ...step,
    output: found?.output ?? (found ? undefined : { kind: 'dyn' }),
    outputMayLack: failed ?? found?.outputMayLack,
    approversMayLack: failed ?? found?.approversMayLack,
    statuses: ['succeeded', 'skipped', 'failed', ...(found?.statuses ?? [])],
  };
}

function checkKeys(node: MapNode, kind: StepKind, session: CompileSession): void {
  const { words, key: kindKey } = kindSchema(kind);
  const schema = stepSchema(kind);
  const properties = schema.properties as Record<string, unknown>;
  const foreign = new Set<string>();
  for (const { key, keyRange } of node.entries) {
    if (Object.hasOwn(properties, key)) continue;
    const belongs = belongsElsewhere(key, kind, node, session);
    if (!belongs) continue;
    foreign.add(key);
    session.report(structure.keyOfOtherKind, keyRange, { key, kind: words, belongs });
  }
  const own: MapNode = {
    ...node,
    // A second kind has its own message, and so has a key of another kind.
    entries: node.entries.filter(
      ({ key }) =>
        !foreign.has(key) && !(isKindKey(key) && key !== kindKey && !Object.hasOwn(properties, key)),
    ),
  };
  checkNode(own, schema, words, {
    reporter: session.reporter,
    handled: (part) => part.kind === 'map' && part !== own && part === entryOf(node, 'with')?.value,
  });
}

function isKindKey(key: string): boolean {
  return kindSchemas.some((schema) => schema.key === key);
}

/** A key that is right elsewhere: under `approve`, under `with`, or in another kind of step. */
function belongsElsewhere(
  key: string,
  kind: StepKind,
  node: MapNode,
  session: CompileSession,
): string | undefined {
  const own = kindSchema(kind);
  const inner = own.keys[own.key];
  const innerKeys = (inner?.properties ?? {}) as Record<string, unknown>;
  if (Object.hasOwn(innerKeys, key)) return `It belongs under \`${own.key}\`: indent it further.`;
  if (kind === 'action') {
    const action = session.surroundings.catalogue.get(textOf(entryOf(node, 'uses')?.value) ?? '');
    const inputs = (action?.input.properties ?? {}) as Record<string, unknown>;
    if (Object.hasOwn(inputs, key)) return 'It belongs under `with`: indent it further.';
  }
  if (isKindKey(key) || Object.hasOwn(commonKeys, key)) return undefined;
  if (key === 'timeout')
    return Object.hasOwn(innerKeys, 'within')
      ? `The time for it is \`within\`, under \`${own.key}\`.`
      : 'Set it on the actions inside.';
  if (key === 'retry') return 'Only actions are tried again by themselves; set it there.';
  if (key === 'undo') return 'Only actions are taken back; set it on the action.';
  if (key === 'else') return 'Only a group, which has `if` and `steps`, can have `else`.';
  const other = kindSchemas.find(
    ({ keys, kind: otherKind }) => otherKind !== kind && Object.hasOwn(keys, key),
  );
  return other ? `It belongs to ${other.words} (\`${other.key}\`).` : undefined;
}

function reportSecondKind(node: MapNode, kind: StepKind, session: CompileSession): void {
  const { key: first, keys } = kindSchema(kind);
  for (const { key, keyRange } of node.entries) {
    if (key === first || !isKindKey(key) || Object.hasOwn(keys, key)) continue;
    session.report(structure.twoStepKinds, keyRange, { first, second: key });
  }
}

function reportNoKind(node: MapNode, session: CompileSession): undefined {
  const kinds = kindSchemas.map(({ key }) => key);
  const unknown = node.entries.filter(({ key }) => !Object.hasOwn(commonKeys, key) && key !== 'with');
  for (const { key, keyRange } of unknown) {
    const suggestion = nearest(key, kinds);
    if (!suggestion) continue;
    session.report(structure.noStepKind, keyRange, { kinds, known: key }, { suggestion });
    return undefined;
  }
  const [first] = node.entries;
  session.report(structure.noStepKind, first?.keyRange ?? node, { kinds });
  return undefined;
}
