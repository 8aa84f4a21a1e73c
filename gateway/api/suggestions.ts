/**
 * Other inputs that whoever is asked to sign suggests: another time for the change, most of all. Nothing is changed by it. Accepted, whoever
 * operates the run amends it by them, by the rules of every other amendment.
 */
import { checkedAmendment } from '../../activities/engine/command-checks.ts';
import { canonicalJson } from '../../plan/canonical-json.ts';
import { defined } from '../../plan/defined.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Json, JsonObject } from '../../plan/values.ts';
import type { Became, QuestionTold, Suggested } from '../../presentation/gate-questions.ts';
import { enumeratedText } from '../../presentation/plain-text.ts';
import type { RunRow } from '../../store/runs.ts';
import {
  type AmendReceipt,
  type Gate,
  type Principal,
  type RunView,
  updates,
} from '../../workflows/messages.ts';
import { owns } from '../operators.ts';
import { Problem } from '../problem.ts';
import { votingOf } from './gate.ts';
import type { ApiParts } from './request.ts';

/** Characters of one suggestion, which stays on record. */
const largestSuggestion = 20_000;

export interface Suggestion {
  instead: Suggested[];
  /** Of the change, where it is about that. */
  time?: { from: number; until: number };
}

interface At {
  view: RunView;
  gate: Gate;
  person: Principal;
}

/** Those who may sign, and those who enter the votes of a meeting. */
export function maySuggest(gate: Gate, view: RunView | undefined, person: Principal): boolean {
  return (
    view !== undefined && ((gate.recorders ?? []).includes(person.id) || votingOf(gate, view, person).mayVote)
  );
}

/** By name, with the schema and with what stands now. Nothing sealed. */
export async function suggestable(view: RunView | undefined, { store }: Pick<ApiParts, 'store'>) {
  const plan = view && (await store.runs.plan(view.planHash));
  if (!view || !plan) return undefined;
  const named = Object.entries(plan.inputs).filter(([, { sensitive }]) => !sensitive);
  return Object.fromEntries(
    named.map(([name, { schema }]) => [name, { schema, ...defined({ value: view.inputs[name] }) }]),
  );
}

/** Throws where it cannot be suggested, in words that say why. */
export async function suggestionOf(
  inputs: JsonObject,
  { view, gate, person }: At,
  { store, seal }: Pick<ApiParts, 'store' | 'seal'>,
): Promise<Suggestion> {
  if (!maySuggest(gate, view, person)) {
    const { whyNot = 'Others are asked to sign.' } = votingOf(gate, view, person);
    throw new Problem(
      403,
      'Not allowed',
      `${person.id} does not sign "${gate.title}", so it is not theirs to suggest other inputs for it. ${whyNot}`,
    );
  }
  const plan = await store.runs.plan(view.planHash);
  if (!plan)
    throw new Problem(
      409,
      'Not known',
      `The plan of this run is not kept, so nothing is known of its inputs.`,
    );
  const sealed = Object.keys(inputs).filter((name) => plan.inputs[name]?.sensitive);
  if (sealed.length > 0)
    throw unfit(
      plan,
      `${enumeratedText(sealed)} is sealed, and what is suggested stays on record for all to read.`,
    );
  const { problems } = checkedAmendment(plan, inputs, seal);
  if (problems.length > 0) throw unfit(plan, problems.join(' '));
  const instead = Object.entries(inputs)
    .map(([input, after]) => ({ input, before: view.inputs[input] ?? null, after }))
    .filter(({ before, after }) => !same(before, after));
  if (instead.length === 0) throw unfit(plan, 'What is suggested is what stands already.');
  const size = canonicalJson(instead as unknown as Json).length;
  if (size > largestSuggestion)
    throw unfit(
      plan,
      `It has ${size} characters, and ${largestSuggestion} at most can be suggested at once.`,
    );
  return { instead, ...defined({ time: timeIn(plan, view.inputs, instead) }) };
}

function unfit(plan: Plan, problem: string): Problem {
  return new Problem(422, 'The inputs do not fit', `${plan.title}: ${problem}`);
}

function same(a: Json | undefined, b: Json | undefined): boolean {
  return canonicalJson(a ?? null) === canonicalJson(b ?? null);
}

/** From the first to the last moment among the inputs, where one of them is suggested. */
function timeIn(
  { inputs }: Plan,
  current: JsonObject,
  instead: readonly Suggested[],
): { from: number; until: number } | undefined {
  const isMoment = (name: string) => inputs[name]?.schema.format === 'date-time';
  if (!instead.some(({ input }) => isMoment(input))) return undefined;
  const then: JsonObject = { ...current };
  for (const { input, after } of instead) then[input] = after;
  const moments = Object.keys(inputs)
    .filter(isMoment)
    .map((name) => Date.parse(String(then[name])))
    .filter((at) => !Number.isNaN(at));
  if (moments.length === 0) return undefined;
  return { from: Math.min(...moments), until: Math.max(...moments) };
}

/** Why it cannot be accepted any more; undefined where it can, or where nothing was suggested. */
export function overtaken(
  { instead }: Pick<QuestionTold, 'instead'>,
  view: RunView | undefined,
  gate: Gate | undefined,
): string | undefined {
  if (!instead) return undefined;
  // Accepted before, and its answer lost: that it was is still to be put on record, also after the signature has closed.
  if (view && instead.every(({ input, after }) => same(view.inputs[input], after))) return undefined;
  if (!gate) return 'The signature is not open any more.';
  const other = instead.filter(({ input, before }) => !same(view?.inputs[input], before));
  if (other.length === 0) return undefined;
  return `${enumeratedText(other.map(({ input }) => input))} ${other.length === 1 ? 'has' : 'have'} been changed since it was suggested.`;
}

/** A question is answered, a suggestion is accepted or declined, once. */
export function mustBeSo(asked: QuestionTold, way: 'answer' | 'accept' | 'decline'): void {
  if (!asked.instead && way !== 'answer')
    throw new Problem(
      409,
      'Not a suggestion',
      `Question ${asked.id} suggests nothing, so there is nothing to ${way}. Answer it instead.`,
    );
  if (asked.instead && way === 'answer')
    throw new Problem(
      409,
      'A suggestion',
      `Question ${asked.id} suggests other inputs: accept or decline it, with a word on why.`,
    );
}

/** Why it cannot be settled, from what is on record by now. */
export function settledAlready({ id, became }: { id: number; became?: Became }, way?: string): Problem {
  if (way === 'decline' && became === undefined)
    return new Problem(
      409,
      'Being accepted',
      `Suggestion ${id} is being accepted: the run is told of it, and may be changed by it already. Look again in a moment. If it stays so, accept it again.`,
    );
  return new Problem(409, 'Answered already', `Suggestion ${id} has been ${became ?? 'answered'} already.`);
}

interface Taking {
  row: RunRow;
  step: string;
  person: Principal;
  request: string;
  view?: RunView;
  gate?: Gate;
}

/** Amends the run by what was suggested, which nobody can decline from then on. Whether that may be, and what of it waits for those who signed it, is the run's own decision. */
export async function takeOver(
  asked: QuestionTold,
  { row, step, person, request, view, gate }: Taking,
  { runs, store }: Pick<ApiParts, 'runs' | 'store'>,
): Promise<AmendReceipt | undefined> {
  if (asked.became === undefined) {
    const why = overtaken(asked, view, gate);
    if (why !== undefined)
      throw new Problem(
        409,
        'Overtaken',
        `What was suggested cannot be accepted any more. ${why} Decline it, or change the inputs by hand.`,
      );
  }
  if (!owns(person, row.owner))
    throw new Problem(
      403,
      'Not allowed',
      `${person.id} does not operate run ${row.id} (${row.owner}), so it is not theirs to change its inputs. They can decline it, or ask ${row.owner} to accept it.`,
    );
  if (asked.became !== undefined) return undefined;
  const inputs = Object.fromEntries((asked.instead ?? []).map(({ input, after }) => [input, after]));
  const comment = `Suggested by ${asked.by} (question ${asked.id}): ${asked.text}`.slice(0, 4000);
  const claim = { run: row.id, step, by: person.id, request };
  // Settled meanwhile, perhaps by this very request, sent twice: whoever writes the answer sees.
  if (!(await store.questions.claim(claim, asked.id))) return undefined;
  const amended = { inputs, comment, principal: person };
  try {
    return await runs.update<AmendReceipt>(row.workflowId, row.id, updates.amend, amended, request);
  } catch (error) {
    // Where no answer came, the run may be amended: then it is accepted again, and not declined.
    if (error instanceof Problem && error.status < 500)
      await store.questions.release(claim, asked.id, error.message);
    throw error;
  }
}
