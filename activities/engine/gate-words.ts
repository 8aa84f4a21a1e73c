/** What the messages of an approval say: what is asked, what a signature opens, and how to answer. */
import { defined, unlessEmpty } from '../../plan/defined.ts';
import { roleOf } from '../../plan/lexical.ts';
import type { About } from '../../plan/message.ts';
import type { CallContext, Json, JsonObject } from '../../plan/plan.ts';
import { changeInWords, fieldWords, inputsBesides, plainText } from '../../presentation/plain-text.ts';
import { withoutSealed } from '../../presentation/sealed.ts';
import type { OpenGateInput } from '../../workflows/engine-activities.ts';
import type { Preview, ProposalView } from '../../workflows/messages.ts';
import { differenceLines, previewText } from '../../workflows/preview-text.ts';
import { type EngineServices, localTime } from './services.ts';

export interface GateNotice {
  step: string;
  title: string;
  runbookTitle: string;
  people: string[];
  deadline?: number;
  revision?: number;
  /** The how-manieth time the approval is asked for, after the first. */
  time?: number;
  /** They are asked for the first time, by the owner. */
  asked?: true;
  /** Of a reminder: whom the gate names, who may not sign, who is asked so far, and the run's time. */
  from?: string[];
  barred?: string[];
  approvers?: string[];
  now?: number;
  /** What whoever approves fills in, and which of it they must. */
  form?: JsonObject;
  required?: string[];
  /** They approved with other values than these, which came later: after so many votes. */
  differs?: { by: string; form: JsonObject; vote: number };
}

export function valueLines(values: JsonObject): string[] {
  return Object.entries(values).map(([name, value]) => `  ${fieldWords(name)}: ${plainText(value)}`);
}

export function proposalLines(proposed: readonly ProposalView[], titles: OpenGateInput['titles']): string[] {
  return proposed.flatMap(({ by, changes }) => changeLines(by, changes, titles));
}

export function byHandLines(shown: OpenGateInput['shown'], titles: OpenGateInput['titles']): string[] {
  const changes = (shown.byHand ?? []) as unknown as (Changed & { by: string })[];
  if (changes.length === 0) return [];
  return [
    '',
    'Typed or changed by hand:',
    ...changes.flatMap((change) => changeLines(change.by, [change], titles)),
  ];
}

type Changed = Pick<ProposalView['changes'][number], 'path' | 'before' | 'after'>;

/** Sealed values are told as that they changed. */
function changeLines(by: string, changes: readonly Changed[], titles: OpenGateInput['titles']): string[] {
  return (withoutSealed(changes) as Changed[])
    .flatMap((change) => changeInWords(change, titles))
    .map(({ what, before, after }) => `  ${what}: ${before} -> ${after} (${by})`);
}

export function showLines(shown: OpenGateInput['shown']): string[] {
  return Object.entries(objectIn(withoutSealed(shown.show))).map(
    ([name, value]) => `  ${fieldWords(name)}: ${plainText(value)}`,
  );
}

/** What the signature stands for besides: the page shows all of it. */
export function restLines({ show, inputs, values }: OpenGateInput['shown']): string[] {
  const shownHere = show === undefined ? 0 : Object.keys(inputsBesides(show as Json, inputs as Json)).length;
  const count = shownHere + Object.keys(objectIn(values)).length;
  if (count === 0) return [];
  return [
    '',
    `${count} more ${count === 1 ? 'value' : 'values'} behind your signature: the page of the signature shows them.`,
  ];
}

function objectIn(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

export function previewLines(preview: Preview | undefined): string[] {
  if (!preview || (preview.steps.length === 0 && !preview.stopped)) return [];
  return [
    '',
    'Your signature opens:',
    ...preview.steps.flatMap((step) => [
      `  ${step.title}: ${previewText(step)}${step.effect === 'destructive' ? ' (for good)' : ''}`,
      ...differenceLines(step).map((line) => `      ${line}`),
    ]),
    ...(preview.stopped ? [`  Not known further: ${preview.stopped}`] : []),
  ];
}

export function formLines(form: JsonObject | undefined): string[] {
  if (!form) return [];
  const fields = Object.entries(form).map(([name, schema]) => {
    const { description } = objectIn(schema);
    return `  ${fieldWords(name)}${typeof description === 'string' ? `: ${description}` : ''}`;
  });
  return ['', 'With your approval you fill in:', ...fields];
}

export function howToAnswer(
  gate: GateNotice,
  call: CallContext,
  services: EngineServices,
  values: JsonObject = {},
): string[] {
  const until =
    gate.deadline === undefined
      ? []
      : [`Please answer by ${localTime(gate.deadline, services.calendars().timezone)}.`];
  return [...until, ...answering(gate, call, values)];
}

function answering(
  gate: Pick<GateNotice, 'step' | 'form' | 'required'>,
  { run }: CallContext,
  values: JsonObject = {},
): string[] {
  return [
    `Approve: countersign approve ${run} ${gate.step}${fieldOptions(gate, values)}`,
    `Refuse:  countersign reject ${run} ${gate.step} --comment "why"`,
  ];
}

export function aboutGate(
  gate: Pick<GateNotice, 'step' | 'deadline' | 'form' | 'required' | 'from'>,
  call: CallContext,
  values: JsonObject = {},
): About {
  const { step, deadline, from } = gate;
  const commands = answering(gate, call, values);
  return { page: 'gate', id: call.run, step, commands, ...defined({ deadline, roles: rolesIn(from) }) };
}

/** Of whom a runbook asks, the roles; undefined for none. */
export function rolesIn(named: readonly string[] = []): string[] | undefined {
  return unlessEmpty(named.flatMap((each) => roleOf(each) ?? []));
}

/** Such that they can be copied and completed. */
function fieldOptions(
  { form = {}, required = Object.keys(form) }: Pick<GateNotice, 'form' | 'required'>,
  values: JsonObject,
): string {
  const names = Object.keys(form).filter((name) => name in values || required.includes(name));
  return names
    .map((name) => {
      const value = values[name];
      const text = value === undefined ? '…' : typeof value === 'string' ? value : JSON.stringify(value);
      return ` --field ${/^[\w.:@…-]*$/.test(text) ? `${name}=${text}` : `'${name}=${text.replaceAll("'", "'\\''")}'`}`;
    })
    .join('');
}
