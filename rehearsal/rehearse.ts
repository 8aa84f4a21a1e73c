/** Carries out one run of a plan on a virtual clock, with the engine's own code, and tells what happened. */

import { checkedInputs, sealSensitive } from '../activities/engine/run-inputs.ts';
import type { TestCase } from '../compiler/test-file/types.ts';
import { localMoment } from '../organisation/local-time.ts';
import type { Catalogue } from '../plan/catalogue.ts';
import { defined } from '../plan/defined.ts';
import { errorText } from '../plan/error-text.ts';
import type { JsonObject, Plan } from '../plan/plan.ts';
import type { JournalEntry } from '../workflows/journal.ts';
import { ENGINE_VERSION, type RunStart, type RunView, type Ticket } from '../workflows/messages.ts';
import type { Run } from '../workflows/run.ts';
import { calledPlans, runPlanOf } from '../workflows/run-plan.ts';
import { Stalled, VirtualClock } from '../workflows/virtual/clock.ts';
import { simulate } from '../workflows/virtual/simulate.ts';
import { People, type Stage } from './people.ts';
import { type MadeCall, RehearsedWorld, type Surroundings } from './world.ts';

/** What a rehearsal needs of a test: all but what is expected. */
export type Script = Pick<TestCase, 'start' | 'inputs' | 'requester' | 'ticket' | 'actions' | 'events'>;

export interface RehearsalOptions {
  plan: Plan;
  /** Those it may call among them. */
  plans: readonly Plan[];
  catalogue: Catalogue;
  surroundings: Surroundings;
  script: Script;
  /** Others who act, beside those of the script. */
  helpers?: (stage: Stage) => Promise<void>;
}

export interface Rehearsed {
  /** What kept the run from going as the script says. */
  problems: string[];
  status: string;
  reason?: string;
  startedAt: number;
  endedAt: number;
  view: RunView;
  /** Of all runs in their order; steps of called runbooks as `tell.send`. */
  journal: (JournalEntry & { run: string })[];
  calls: MadeCall[];
  told: { to: string[]; subject: string; text: string; at: number }[];
  outputs: JsonObject;
}

const root = 'rehearsal';
/** A Monday. */
const defaultStart = '2026-01-05T09:00';

export async function rehearse(options: RehearsalOptions): Promise<Rehearsed | { problems: string[] }> {
  const { plan, script, surroundings, catalogue } = options;
  const { inputs, problems } = checkedInputs(plan, script.inputs);
  const startedAt = localMoment(script.start ?? defaultStart, surroundings.calendars.timezone);
  if (startedAt === undefined)
    problems.push(`\`start\` is "${script.start}", and should be a time such as ${defaultStart}.`);
  if (problems.length > 0 || startedAt === undefined) return { problems };
  const clock = new VirtualClock(startedAt);
  const world = new RehearsedWorld({ clock, root, catalogue, surroundings, answers: script.actions });
  const start: RunStart = {
    engine: ENGINE_VERSION,
    plan: runPlanOf(plan),
    inputs: sealSensitive(plan, inputs, world.seal),
    requester: { id: (script.requester ?? 'requester@example.com').toLowerCase(), roles: [] },
    ...ticketOf(plan, script.ticket),
    cause: { type: plan.needsTicket || script.ticket ? 'ticket' : 'manual' },
    organisation: surroundings.organisation,
    separate: surroundings.separationOfDuties,
    ...defined({
      approvals:
        surroundings.approvals.lastResort === undefined
          ? undefined
          : { lastResort: surroundings.approvals.lastResort },
    }),
    ...calledPlans(plan, options.plans),
  };
  const runs = new Map<string, Run>();
  const journal: Rehearsed['journal'] = [];
  const simulation = simulate(start, {
    id: root,
    clock,
    answer: world.answer,
    onChild: (run) => void runs.set(run.id, run),
    onRecord: (entry, _summary, run) => void journal.push({ ...entry, ...withPath(entry, run), run }),
  });
  runs.set(root, simulation.run);
  const stage: Stage = { clock, surroundings, runs, root, catalogue, seal: world.seal };
  const people = new People(stage, script.events);
  const found = await ending(simulation, [people.act(), options.helpers?.(stage)]);
  people.close();
  const unasked = world
    .unasked()
    .map((key) => `actions: \`${key}\` was never called; there is no such item.`);
  const view = simulation.run.state.view();
  const outputs = (await world.opened(view.outputs ?? {})) as JsonObject;
  return {
    problems: [...found, ...people.problems, ...unasked, ...unheard(script.events, journal)],
    status: view.status,
    ...(view.reason ? { reason: view.reason } : {}),
    startedAt,
    endedAt: view.endedAt ?? clock.now(),
    view,
    journal,
    calls: world.calls,
    told: world.told,
    outputs,
  };
}

/** Events from outside that no step ever waited for: outside a test they would wake nobody. */
function unheard(events: Script['events'], journal: Rehearsed['journal']): string[] {
  const waited = journal.flatMap(({ kind, data }) => {
    const event =
      kind === 'wait.started' ? (data?.event as { name?: string; key?: unknown } | undefined) : undefined;
    return event ? [{ name: String(event.name), key: String(event.key) }] : [];
  });
  return events
    .filter(({ does, refused }) => does === 'event' && !refused)
    .filter(({ event, key }) => !waited.some((each) => each.name === event && each.key === key))
    .map(({ line, event, key }) => {
      const were = waited.map((each) => `${each.name} with the key "${each.key}"`);
      const says = were.length > 0 ? `what was waited for: ${were.join(', ')}` : 'nothing was waited for';
      return `line ${line}: no step waited for ${event} with the key "${key}"; ${says}`;
    });
}

/** Until the run has ended, or waits for somebody who never comes. */
async function ending(
  simulation: ReturnType<typeof simulate>,
  acting: (Promise<void> | undefined)[],
): Promise<string[]> {
  const problems: string[] = [];
  for (const each of acting) each?.catch((error) => problems.push(errorText(error)));
  try {
    await simulation.finish();
  } catch (error) {
    if (!(error instanceof Stalled)) problems.push(`The run itself failed: ${errorText(error)}`);
  }
  return problems;
}

function ticketOf(plan: Plan, given: JsonObject | undefined): { ticket?: Ticket } {
  if (!given && !plan.needsTicket) return {};
  const system = plan.triggers.find((trigger) => trigger.type === 'ticket')?.system ?? 'jira';
  const key = typeof given?.key === 'string' ? given.key : 'TEST-1';
  const made = { system, key, id: '10001', url: `https://example.com/${key}`, summary: plan.title };
  return { ticket: { ...made, ...given } };
}

function withPath(entry: JournalEntry, run: string): { step?: string } {
  const within = run.slice(root.length + 1);
  return entry.step && within ? { step: `${within.replaceAll('/', '.')}.${entry.step}` } : {};
}
