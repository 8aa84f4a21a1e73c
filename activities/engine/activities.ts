/** The engine's own activities: asking people, reminding them, telling the owner. */

import { ApplicationFailure } from '@temporalio/common';
import type { Calendars } from '../../organisation/calendars.ts';
import { localDay, zonedMoment } from '../../organisation/local-time.ts';
import {
  type Presence,
  presentOn,
  type Roles,
  recordersOf,
  resolvePeople,
} from '../../organisation/people.ts';
import { defined, unlessEmpty } from '../../plan/defined.ts';
import { hashOf } from '../../plan/hash.ts';
import type { MomentInput, MomentResult, WindowInput } from '../../plan/organisation.ts';
import type { CallContext, Json, JsonObject } from '../../plan/plan.ts';
import {
  type EscalateGateResult,
  engineActivities as names,
  type OpenGateInput,
  type OpenGateResult,
  type OpenTaskInput,
  type OpenTaskResult,
} from '../../workflows/engine-activities.ts';
import type { Preview } from '../../workflows/messages.ts';
import { previewText } from '../../workflows/preview-text.ts';
import { type MembersOf, rolesWithGroups } from './group-roles.ts';

/** A message to people; sent at least once, with the same id at every try. */
export interface Notice {
  id: string;
  to: string[];
  subject: string;
  text: string;
}

export interface EngineServices {
  /** The roles as they are now: who is asked is decided when the gate opens. */
  roles(): Roles;
  /** Who is in an Entra group, for roles that name one. Without it such a role has only the people it lists. */
  membersOf?: MembersOf;
  /** Windows, freezes and holidays as they are now. */
  calendars(): Calendars;
  tell(notice: Notice, signal?: AbortSignal): Promise<void>;
  /** What the steps that this approval opens would do; undefined where that cannot be found out. */
  preview?(call: CallContext): Promise<Preview | undefined>;
  /** Puts on record whom the engine asks and tells. Rejects when that is not possible now. */
  record?(record: EngineRecord): Promise<void>;
}

export interface EngineRecord {
  call: CallContext;
  kind: 'gate.opened' | 'gate.escalated' | 'people.told';
  step: string;
  data: JsonObject;
}

type Length = { ms: number } | { businessDays: number };

interface GateNotice {
  step: string;
  title: string;
  runbookTitle: string;
  people: string[];
  deadline?: number;
}

interface EscalateInput extends GateNotice {
  from: string[];
  barred: string[];
  within?: Length;
  now: number;
}

interface OwnerNotice {
  owner: string;
  runbookTitle: string;
  step: string;
  title: string;
  message: string;
}

export type EngineActivity = (input: Json, call: CallContext) => Promise<Json>;

export function engineActivities(services: EngineServices): Record<string, EngineActivity> {
  const activities: Record<string, (input: never, call: CallContext) => Promise<unknown>> = {
    [names.openGate]: async (input: OpenGateInput, call) =>
      openGate(input, call, await withGroups(input, services)),
    [names.remindGate]: async (input: GateNotice, call) =>
      remindGate(input, call, await withGroups(input, services)),
    [names.escalateGate]: async (input: EscalateInput, call) =>
      escalateGate(input, call, await withGroups(input, services)),
    [names.tellOwner]: async (input: OwnerNotice, call) =>
      tellOwner(input, call, await withGroups(input, services)),
    [names.openTask]: async (input: OpenTaskInput, call) =>
      openTask(input, call, await withGroups(input, services)),
    [names.moment]: (input: MomentInput) => moment(input, services),
    [names.window]: async (input: WindowInput) => services.calendars().window(input),
  };
  return Object.fromEntries(
    Object.entries(activities).map(([name, work]) => [name, withoutStack(work as unknown as EngineActivity)]),
  );
}

/** The services with the roles as they are at this moment, groups included: who is asked is one and the same throughout. */
async function withGroups(input: object, services: EngineServices): Promise<EngineServices> {
  const roles = await rolesWithGroups(services.roles(), input as Json, services.membersOf);
  return { ...services, roles: () => roles };
}

/** What fails for good is told to people, in Temporal's own pages too: without where in our code it was found out. */
function withoutStack(work: EngineActivity): EngineActivity {
  return async (input, call) => {
    try {
      return await work(input, call);
    } catch (error) {
      if (error instanceof ApplicationFailure) error.stack = `${error.type}: ${error.message}`;
      throw error;
    }
  };
}

async function openGate(
  input: OpenGateInput,
  call: CallContext,
  services: EngineServices,
): Promise<OpenGateResult> {
  const except = resolvePeople(
    (input.except ?? []).filter((name) => name !== ''),
    services.roles(),
  );
  const barred = [...input.barred, ...except];
  const { people: approvers, standIns } = whoMaySign(input.from, barred, input.openedAt, services);
  const after = (length: Length) => services.calendars().after(input.openedAt, length);
  const deadline = input.within && after(input.within);
  const remindAt = input.remind && after(input.remind);
  const preview = await services.preview?.(call);
  // Votes are bound to the preview too: whoever signs has seen exactly this.
  const hash = hashOf(preview ? { ...input.shown, preview: preview as unknown as Json } : input.shown);
  const recorders = recordersOf(services.roles());
  const needed = neededOf(input.quorum, approvers, input.title);
  const asked = { ...input, people: approvers, ...defined({ deadline }) };
  await services.record?.({
    call,
    kind: 'gate.opened',
    step: input.step,
    data: {
      asked: approvers,
      needed,
      hash,
      ...defined({ leftOut: unlessEmpty(except), standIns: unlessEmpty(standIns), deadline }),
    },
  });
  await tell(call, input.step, services, {
    id: `${call.run}.${call.step}.ask`,
    to: approvers,
    subject: `Please sign: ${input.title} (${input.runbookTitle})`,
    text: [
      `${input.requester.name ?? input.requester.id} asks for your signature.`,
      '',
      `${input.runbookTitle}: ${input.title}`,
      ...showLines(input.shown),
      ...previewLines(preview),
      '',
      ...howToAnswer(asked, call, services),
    ].join('\n'),
  });
  return {
    approvers,
    ...defined({ except: unlessEmpty(except) }),
    needed,
    hash,
    ...defined({
      deadline,
      remindAt,
      standIns: unlessEmpty(standIns),
      recorders: unlessEmpty(recorders),
      preview,
    }),
  };
}

/** Whoever asked for the run, or otherwise had a hand in it, does not sign for it. */
function whoMaySign(from: string[], barred: string[], at: number, services: EngineServices): Presence {
  const roles = services.roles();
  const asked = resolvePeople(from, roles);
  const others = (people: string[]) => people.filter((person) => !barred.includes(person));
  const { people, standIns } = presentOn(localDay(at, services.calendars().timezone), others(asked), roles);
  const approvers = others(people);
  if (approvers.length > 0) return { people: approvers, standIns };
  throw ApplicationFailure.nonRetryable(
    asked.length === 0
      ? 'Nobody is named who could sign.'
      : `Only ${asked.join(', ')} could sign, who asked for this run, had a hand in it or is left out by the runbook. Name somebody else, then retry this step.`,
    'PermanentFailure',
  );
}

function neededOf(quorum: OpenGateInput['quorum'], approvers: string[], title: string): number {
  if (quorum === 'all') return approvers.length;
  if (quorum === 'majority') return Math.floor(approvers.length / 2) + 1;
  if (quorum <= approvers.length) return quorum;
  throw ApplicationFailure.nonRetryable(
    `"${title}" needs ${quorum} signatures and only ${approvers.length} people may sign: ${approvers.join(', ')}.`,
    'PermanentFailure',
  );
}

async function remindGate(input: GateNotice, call: CallContext, services: EngineServices): Promise<null> {
  if (input.people.length === 0) return null;
  await tell(call, input.step, services, {
    id: `${call.run}.${call.step}.remind`,
    to: input.people,
    subject: `Still waiting for your signature: ${input.title} (${input.runbookTitle})`,
    text: howToAnswer(input, call, services).join('\n'),
  });
  return null;
}

async function escalateGate(
  input: EscalateInput,
  call: CallContext,
  services: EngineServices,
): Promise<EscalateGateResult> {
  const { people: approvers } = whoMaySign(input.from, input.barred, input.now, services);
  const deadline = input.within && services.calendars().after(input.now, input.within);
  const asked = { ...input, people: approvers, ...defined({ deadline }) };
  await services.record?.({
    call,
    kind: 'gate.escalated',
    step: input.step,
    data: { asked: approvers, ...defined({ deadline }) },
  });
  await tell(call, input.step, services, {
    id: `${call.run}.${call.step}.escalate`,
    to: approvers,
    subject: `Nobody answered in time, please sign: ${input.title} (${input.runbookTitle})`,
    text: howToAnswer(asked, call, services).join('\n'),
  });
  return { approvers, ...defined({ deadline }) };
}

async function tellOwner(input: OwnerNotice, call: CallContext, services: EngineServices): Promise<null> {
  await tell(call, input.step, services, {
    id: `${call.run}.${call.step}.parked`,
    to: resolvePeople([input.owner], services.roles()),
    subject: `Needs you: ${input.title} (${input.runbookTitle})`,
    text: [
      `Step "${input.title}" failed and waits for you. What was done before it is kept.`,
      '',
      input.message,
      '',
      `Look at it:  countersign show ${call.run}`,
      `Try again:   countersign retry ${call.run} ${input.step}`,
    ].join('\n'),
  });
  return null;
}

async function openTask(
  input: OpenTaskInput,
  call: CallContext,
  services: EngineServices,
): Promise<OpenTaskResult> {
  const people = resolvePeople(input.to, services.roles());
  const deadline = input.within && services.calendars().after(input.openedAt, input.within);
  await tell(call, input.step, services, {
    id: `${call.run}.${call.step}.task`,
    to: people,
    subject: `Please do: ${input.title} (${input.runbookTitle})`,
    text: [
      input.instructions,
      '',
      ...(deadline === undefined
        ? []
        : [`Please do it by ${localTime(deadline, services.calendars().timezone)}.`]),
      `Report it: countersign complete ${call.run} ${input.step}`,
    ].join('\n'),
  });
  return { people, ...defined({ deadline }) };
}

/** What could not be recorded is told all the same: a second try would tell it twice. */
async function tell(
  call: CallContext,
  step: string,
  services: EngineServices,
  notice: Notice,
): Promise<void> {
  await services.tell(notice);
  const what = notice.id.slice(notice.id.lastIndexOf('.') + 1);
  const data = { what, to: notice.to };
  await services.record?.({ call, kind: 'people.told', step, data }).catch(() => {});
}

async function moment(input: MomentInput, services: EngineServices): Promise<MomentResult> {
  if ('after' in input) return { at: services.calendars().after(input.from, input.after) };
  const at = zonedMoment(input.text, services.calendars().timezone);
  if (at !== undefined) return { at };
  throw ApplicationFailure.nonRetryable(
    `"${input.text}" is neither a date (2026-01-31) nor a time (2026-01-31T09:00, with another time zone 2026-01-31T09:00[Europe/Lisbon]), so nothing can wait for it.`,
    'PermanentFailure',
  );
}

function showLines(shown: OpenGateInput['shown']): string[] {
  const show = shown.show ?? {};
  if (typeof show !== 'object' || show === null || Array.isArray(show)) return [];
  return Object.entries(show).map(
    ([name, value]) => `  ${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
}

function previewLines(preview: Preview | undefined): string[] {
  if (!preview || (preview.steps.length === 0 && !preview.stopped)) return [];
  return [
    '',
    'Your signature opens:',
    ...preview.steps.map(
      (step) => `  ${step.title}: ${previewText(step)}${step.effect === 'destructive' ? ' (for good)' : ''}`,
    ),
    ...(preview.stopped ? [`  Not known further: ${preview.stopped}`] : []),
  ];
}

function howToAnswer(gate: GateNotice, call: CallContext, services: EngineServices): string[] {
  const until =
    gate.deadline === undefined
      ? []
      : [`Please answer by ${localTime(gate.deadline, services.calendars().timezone)}.`];
  return [
    ...until,
    `Approve: countersign approve ${call.run} ${gate.step}`,
    `Refuse:  countersign reject ${call.run} ${gate.step} --comment "why"`,
  ];
}

function localTime(ms: number, timezone: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    dateStyle: 'full',
    timeStyle: 'short',
    timeZone: timezone,
  }).format(ms);
}
