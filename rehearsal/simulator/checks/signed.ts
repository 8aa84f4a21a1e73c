/**
 * What was signed is what happened: each write behind an approval was called with what enough of the right people were shown, or what
 * nobody touched by hand since, or what was countersigned, or what the author gave leave to change.
 */
import type {
  ActionStep,
  Json,
  JsonObject,
  RunbookStep,
  SetStep,
  Step,
  Template,
} from '../../../plan/plan.ts';
import { type Call, type Noted, same } from '../world.ts';
import { checkUndosByHand, whyNotStep } from './by-hand.ts';
import type { History } from './observed.ts';
import { idOf, insideOf, keyAround, keyOf, type Standing, standings } from './places.ts';
import { changesOf, Signatures, type Signed } from './signatures.ts';

interface Used {
  run: string;
  n: number;
  standing: Standing;
  key: string;
  item: string;
  given: Template;
  input: JsonObject;
}

export function checkSigned(history: History): string[] {
  const signatures = new Signatures(history);
  return [
    ...signatures.problems(),
    ...[...callsOf(history), ...startsOf(history)].flatMap((used) => checkUse(used, history, signatures)),
    ...checkUndosByHand(history),
  ];
}

function callsOf({ world, plans }: History): Used[] {
  return world.calls
    .filter(({ activity }) => activity.startsWith('sim.'))
    .flatMap((call: Call) => {
      const plan = plans.get(call.run);
      const standing = plan && standings(plan).get(call.step);
      const step = standing?.step as ActionStep | undefined;
      if (!standing || !step || step.effect === 'read') return [];
      const key = keyOf(call.step, call.item);
      const input = call.input as JsonObject;
      return [{ run: call.run, n: call.n, standing, key, item: call.item, given: step.with, input }];
    });
}

/** What a called runbook is given is used as what an action is given. */
function startsOf({ world, plans, inputs }: History): Used[] {
  return world.journal.flatMap(({ kind, run, n, data }) => {
    if (kind !== 'run.started' || data?.partOf === undefined) return [];
    const caller = run.slice(0, run.lastIndexOf('/'));
    const plan = plans.get(caller);
    const last = run.slice(caller.length + 1);
    const [id = ''] = last.split(/[[.~#]/);
    const standing = plan && standings(plan).get(id);
    if (!standing) return [];
    const item = last.slice(id.length);
    const given = (standing.step as RunbookStep).with as Template;
    return [{ run: caller, n, standing, key: keyOf(id, item), item, given, input: inputs.get(run) ?? {} }];
  });
}

function checkUse(used: Used, history: History, signatures: Signatures): string[] {
  const { run, standing, key, n, input, given } = used;
  const plan = history.plans.get(run);
  if (!plan) return [];
  const places = standings(plan);
  const name = `${key} of ${run} at ${n}`;
  const broken: string[] = [];
  const signed: Signed[] = [];
  for (const id of standing.gates) {
    const gate = places.get(id);
    if (!gate) continue;
    const found = signatures.before(run, keyAround(gate, key), n);
    if (typeof found === 'string') broken.push(`${name}: ${found}`);
    else signed.push(found);
  }
  const carried = isCarried(run, history);
  if (signed.length === 0 && !carried) return broken;
  const edited = editedTo(used, history);
  for (const [field, template] of Object.entries(given as JsonObject)) {
    const leaf = (template as { $expr: string }).$expr;
    const value = input[field] ?? null;
    if (edited && same(edited[field], value)) continue;
    const why = signed.map((each) => whyNot(leaf, value, used, history, each));
    if (carried) why.push(whyNotCarried(leaf, value, used, history));
    if (why.every((each) => each !== undefined))
      broken.push(`${name} was given ${leaf} = ${value}: ${why[0]}`);
  }
  return broken;
}

/** Called behind an approval of another run. */
function isCarried(run: string, history: History): boolean {
  const caller = run.slice(0, Math.max(0, run.lastIndexOf('/')));
  const plan = history.plans.get(caller);
  if (!plan) return false;
  const [id = ''] = run.slice(caller.length + 1).split(/[[.~#]/);
  return (standings(plan).get(id)?.gates.length ?? 0) > 0 || isCarried(caller, history);
}

/** What an operator gave instead, with the signatures that this takes. */
function editedTo({ run, key, n, standing }: Used, { world }: History): JsonObject | undefined {
  const { id } = standing.step;
  let edited: JsonObject | undefined;
  for (const entry of world.journal) {
    if (entry.run !== run || entry.n > n) continue;
    if (entry.kind === 'proposal.countersigned') {
      const change = changesOf(entry).find(({ path }) => path === `steps.${id}.with`);
      if (change) edited = change.after as JsonObject;
    }
    const given = entry.data?.with as { after?: JsonObject } | undefined;
    if (standing.step.amend && entry.kind === 'command' && entry.step === key && given)
      edited = given.after ?? edited;
  }
  return edited;
}

function whyNot(leaf: string, value: Json, used: Used, history: History, signed: Signed): string | undefined {
  if (leaf.startsWith('inputs.')) return whyNotInput(leaf, value, used, history, signed);
  if (leaf.includes('steps.sign')) return whyNotFilledIn(leaf, value, used, history);
  if (leaf.includes('steps.')) return whyNotStep(leaf, value, used, { history, signed });
  if (same((signed.shown.values as JsonObject | undefined)?.[leaf], value)) return undefined;
  if (leaf.startsWith('state.')) return whyNotRemembered(leaf, value, used, history, signed);
  if (isOfKeptList(leaf, used, history)) return undefined;
  return whyNotItem(value, used, history, signed);
}

/** What those who approved it filled in; which of it is theirs, {@link Signatures} looks at. */
function whyNotFilledIn(
  leaf: string,
  value: Json,
  used: Used,
  { world, plans }: History,
): string | undefined {
  const id = leaf.match(/steps\.(\w+)\./)?.[1] ?? '';
  const plan = plans.get(used.run);
  const standing = plan && standings(plan).get(id);
  const key = standing && keyAround(standing, used.key);
  const last = world.journal.findLast(
    ({ kind, run, step, n, data }) =>
      kind === 'gate.approved' &&
      run === used.run &&
      step === key &&
      n < used.n &&
      data?.proposals === undefined,
  );
  // Left out, refused, or of another round: then there is nothing.
  if (value === 'none') return undefined;
  const filledIn = (last?.data?.form as JsonObject | undefined)?.value;
  if (same(filledIn ?? null, value)) return undefined;
  return `what was filled in for "${key}" and signed is ${JSON.stringify(filledIn)}`;
}

/** What a repeat remembers was begun with, or set to, what was signed by then. */
function whyNotRemembered(
  leaf: string,
  value: Json,
  used: Used,
  history: History,
  signed: Signed,
): string | undefined {
  const name = leaf.slice('state.'.length);
  const plan = history.plans.get(used.run);
  const places = plan && standings(plan);
  const repeat = used.standing.around.findLast((step) => step.kind === 'repeat' && step.state !== undefined);
  const standing = repeat && places?.get(repeat.id);
  if (!places || !standing || repeat?.kind !== 'repeat') return `${leaf} is remembered by no repeat`;
  const key = keyAround(standing, used.key);
  const last = history.world.journal.findLast(
    ({ kind, run, step, n, data }) =>
      kind === 'state.set' &&
      run === used.run &&
      step === key &&
      n < used.n &&
      name in ((data?.values ?? {}) as JsonObject),
  );
  if (!last && wasInPart(used, history)) {
    const sources = [repeat.state?.[name], ...setsIn(repeat.steps).map(({ values: set }) => set[name])];
    const fits = sources.some((each) => {
      const { $expr } = (each ?? {}) as { $expr?: string };
      return (
        $expr !== undefined && whyNot($expr, value, { ...used, standing }, history, signed) === undefined
      );
    });
    return fits ? undefined : `${leaf} is nothing that was signed, and was remembered`;
  }
  const values = (last?.data?.values ?? {}) as JsonObject;
  if (!last || !same(values[name], value)) return `${leaf} was set to something else before`;
  const by = typeof last.data?.by === 'string' ? places.get(last.data.by.replace(/\[.*$/, '')) : undefined;
  const from = by?.step.kind === 'set' ? by.step.values[name] : repeat.state?.[name];
  const source = (from as { $expr?: string } | undefined)?.$expr;
  if (source === undefined || source === leaf) return undefined;
  const then: Used = { ...used, n: last.n, standing: by ?? standing };
  // What was so by then may have been changed since, and signed anew.
  return wasSo(source, value, then, history) ? undefined : whyNot(source, value, then, history, signed);
}

/** A part of a run tells of its calls, and not what its steps remember. */
function wasInPart({ run, n, standing }: Used, { world }: History): boolean {
  const around = new Set(standing.around.map(({ id }) => id));
  return world.journal.some(
    ({ kind, run: by, step = '', n: at }) =>
      kind === 'batch.ended' && by === run && at > n && around.has(idOf(step)),
  );
}

function setsIn(steps: readonly Step[]): SetStep[] {
  return steps.flatMap((step) => [...(step.kind === 'set' ? [step] : []), ...insideOf(step).flatMap(setsIn)]);
}

/** No hand had changed the input by then, so that it was as those who signed saw it. */
function wasSo(leaf: string, value: Json, { run, n }: Used, { world, inputs }: History): boolean {
  if (!leaf.startsWith('inputs.')) return false;
  const name = leaf.slice('inputs.'.length);
  const amended = world.journal.some(
    (entry) =>
      entry.kind === 'run.amended' &&
      entry.run === run &&
      entry.n < n &&
      name in ((entry.data?.after ?? {}) as JsonObject),
  );
  return !amended && same(inputs.get(run)?.[name], value);
}

function whyNotInput(leaf: string, value: Json, used: Used, history: History, signed: Signed) {
  const name = leaf.slice('inputs.'.length);
  const inputs = signed.shown.inputs as JsonObject;
  if (same(inputs[name], value)) {
    const setter = setterOf(leaf, value, used.run, signed.n, history);
    if (setter !== undefined && signed.by.includes(setter)) return `${setter} set it and signed for it`;
    return undefined;
  }
  if (isCountersigned(leaf, value, used, history) || isFree(name, value, used, history)) return undefined;
  return `signed was ${JSON.stringify(inputs[name])} by ${signed.by.join(', ')} (${signed.hash.slice(0, 8)})`;
}

/** Who last gave an input this value, other than by starting the run. */
function setterOf(leaf: string, value: Json, run: string, before: number, history: History) {
  const { world, inputs } = history;
  const name = leaf.slice('inputs.'.length);
  if (same(inputs.get(run)?.[name], value)) return undefined;
  const amends = world.journal.filter(
    (entry) =>
      entry.kind === 'run.amended' &&
      entry.run === run &&
      entry.n < before &&
      name in ((entry.data?.after ?? {}) as JsonObject) &&
      isInForce(entry, leaf, before, history),
  );
  const last = amends.findLast(
    ({ data = {} }) =>
      same((data.after as JsonObject)[name], value) && !same((data.before as JsonObject)[name], value),
  );
  return last?.data?.by as string | undefined;
}

/** Not proposed, or proposed and signed by then: one that fell set nothing. */
function isInForce(amended: Noted, path: string, before: number, { world }: History): boolean {
  const next = world.journal.find(
    ({ n, run, kind }) => n > amended.n && run === amended.run && kind === 'run.amended',
  );
  const made = world.journal.find(
    (entry) =>
      entry.kind === 'proposal.made' &&
      entry.run === amended.run &&
      entry.n > amended.n &&
      entry.n < (next?.n ?? Number.POSITIVE_INFINITY) &&
      entry.data?.by === amended.data?.by &&
      !entry.data?.afterwards &&
      changesOf(entry).some((change) => change.path === path),
  );
  if (!made) return true;
  return world.journal.some(
    ({ kind, run, n, data }) =>
      kind === 'proposal.countersigned' && run === amended.run && n < before && data?.id === made.data?.id,
  );
}

function isCountersigned(path: string, value: Json, { run, n }: Used, { world }: History): boolean {
  return world.journal.some(
    (entry) =>
      entry.kind === 'proposal.countersigned' &&
      entry.run === run &&
      entry.n < n &&
      changesOf(entry).some((change) => change.path === path && same(change.after, value)),
  );
}

function isFree(name: string, value: Json, { run, n }: Used, { world, plans }: History): boolean {
  if (!plans.get(run)?.inputs[name]?.amend) return false;
  return world.journal.some(
    ({ kind, data, run: where, n: at }) =>
      kind === 'run.amended' &&
      where === run &&
      at < n &&
      same(((data?.after ?? {}) as JsonObject)[name], value),
  );
}

/** Its hash is signed by source, and what stands at each place of it is another check's. */
function isOfKeptList(leaf: string, { run }: Used, { plans }: History): boolean {
  const plan = plans.get(run);
  const steps = plan ? [...standings(plan).values()].map(({ step }) => step) : [];
  return steps.some((step) => step.kind === 'forEach' && step.as === leaf && step.items.startsWith('steps.'));
}

function whyNotItem(value: Json, used: Used, history: History, signed: Signed): string | undefined {
  const listed = (list: Json | undefined) => Array.isArray(list) && list.some((each) => same(each, value));
  if (listed((signed.shown.inputs as JsonObject).list)) return undefined;
  const countersigned = history.world.journal.some(
    (entry) =>
      entry.kind === 'proposal.countersigned' &&
      entry.run === used.run &&
      entry.n < used.n &&
      changesOf(entry).some(({ path, after }) => path === 'inputs.list' && listed(after)),
  );
  return countersigned ? undefined : `no list that was signed has it (${signed.hash.slice(0, 8)})`;
}

/** Behind an approval of the caller: what the run was given, or what the caller's people countersigned here. */
function whyNotCarried(leaf: string, value: Json, used: Used, history: History): string | undefined {
  const inputs = history.inputs.get(used.run) ?? {};
  const signed: Signed = { n: 0, hash: 'carried', by: [], shown: { inputs } };
  return whyNot(leaf, value, used, history, signed);
}
