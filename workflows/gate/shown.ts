/** Everything a signature stands for. Votes are bound to the hash of exactly this. */
import { canonicalJson } from '../../plan/canonical-json.ts';
import { defined } from '../../plan/defined.ts';
import { segmentsOf } from '../../plan/leaf-paths.ts';
import type { ApproveStep, Json, JsonObject } from '../../plan/plan.ts';
import { sha256 } from '../../plan/sha256.ts';
import { evaluateTemplate, unbind, type Variables } from '../expressions.ts';
import type { Cover, HandChange } from '../hands.ts';
import type { Principal, ProposalView } from '../messages.ts';
import { type Occasion, stepKey } from '../occasion.ts';

/** A value longer than this is shown by its beginning: whoever wants all of it looks at the run. */
const longestShown = 2_000;

export function shownBy(
  step: ApproveStep,
  occasion: Occasion,
  more: {
    cover: Cover;
    hands: readonly HandChange[];
    revision: number;
    time: number;
    proposals: readonly ProposalView[];
    /** What they filled in who approved it before. */
    filledIn?: JsonObject;
  },
): JsonObject {
  const { run, variables } = occasion;
  const { plan, requester, ticket, inputs, engine } = run.start;
  const key = stepKey(step, occasion);
  const before3: JsonObject = {
    runbook: plan.title,
    planHash: plan.hash,
    step: key,
    title: run.state.step(step, key).title,
    requester: requester.id,
    inputs: { ...inputs },
    ...defined({
      ticket: ticket ? { ...ticket } : undefined,
      show: step.show ? (evaluateTemplate(step.show, variables) ?? {}) : undefined,
    }),
  };
  if (engine < 3) return before3;
  const byHand = more.hands.filter(({ asked }) => !asked).map(handText);
  // The list may have been changed since the item was begun, so that the inputs do not tell which one it is.
  const values = {
    ...shortenedAll(occasion.items ?? {}, engine),
    ...coveredValues(more.cover, variables, engine),
  };
  return defined({
    ...before3,
    revision: more.revision,
    time: engine >= 5 && more.time > 1 ? more.time : undefined,
    // Nobody can be barred whose address is not known: whoever signs is told.
    askerNotKnown: isKnown(requester) ? undefined : true,
    values: Object.keys(values).length > 0 ? values : undefined,
    filledIn: more.filledIn,
    byHand: byHand.length > 0 ? byHand : undefined,
    proposed: more.proposals.length > 0 ? (more.proposals as unknown as Json) : undefined,
  }) as JsonObject;
}

/** By an address: a ticket system may hide it, and a schedule has none. */
function isKnown({ id }: Principal): boolean {
  return id.includes('@') || !id.includes(':') || id.startsWith('schedule:');
}

function handText({ path, by, before, after }: HandChange): JsonObject {
  return { path, by, before: before ?? null, after: after ?? null };
}

/** What earlier steps gave, as far as it is signed by value; inputs are shown whole. */
function coveredValues(cover: Cover, variables: Variables, engine: number): JsonObject {
  if (cover === 'everything') return {};
  const values: JsonObject = {};
  for (const { path } of cover) {
    if (!path.startsWith('steps.') && !path.startsWith('state.')) continue;
    const value = valueAt(variables, segmentsOf(path));
    if (value !== undefined) values[path] = shortened(value, engine);
  }
  return values;
}

/** Undefined where it is not known yet. Of a list the whole of it, up to the item. */
export function valueAt(variables: Variables, segments: readonly string[]): Json | undefined {
  let value: unknown = variables;
  for (const segment of segments) {
    if (segment === '[*]') break;
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[segment];
  }
  return unbind(value);
}

function shortenedAll(values: Readonly<Record<string, Json>>, engine: number): JsonObject {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, shortened(value, engine)]));
}

/** The digest stands for what is left out: it is signed too. */
function shortened(value: Json, engine: number): Json {
  const text = JSON.stringify(value);
  if (text.length <= longestShown) return value;
  const items = Array.isArray(value) ? `${value.length} items, ` : '';
  const digest = engine < 4 ? '' : `, SHA-256 ${sha256(canonicalJson(value))}`;
  return `${text.slice(0, longestShown)} … (${engine < 4 ? '' : items}${text.length} characters${digest})`;
}

/** Whether only the beginning of a value is shown, by what stands behind that. */
export function isShortened(shown: Json): boolean {
  return (
    typeof shown === 'string' && / … \((\d+ items, )?\d+ characters(, SHA-256 [0-9a-f]{64})?\)$/.test(shown)
  );
}
