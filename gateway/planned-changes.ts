/**
 * What is planned: windows and freezes of the calendars, and the changes and maintenance that are under way, each with when it may begin
 * and with what it is in each other's way.
 */
import type { Calendars, Occurrence } from '../organisation/calendars.ts';
import { defined, unlessEmpty } from '../plan/defined.ts';
import { innerSteps } from '../plan/inner-steps.ts';
import type { JsonObject, Plan, Step } from '../plan/plan.ts';
import { type Opening, opening } from '../rehearsal/gate-window.ts';
import type { RunRow } from '../store/runs.ts';
import { bind } from '../workflows/expressions.ts';
import type { JournalEntry } from '../workflows/journal.ts';
import { runPlanOf } from '../workflows/run-plan.ts';
import { runVariables } from '../workflows/variables.ts';
import type { ApiParts } from './api/request.ts';
import { changeOf } from './told-of-changes.ts';

/** Changes looked at; whoever has more at once plans elsewhere. */
const mostChanges = 200;

export interface PlannedTime extends Occurrence {
  calendar: string;
  kind: 'window' | 'freeze' | 'holiday' | 'other';
}

export interface PlannedChange {
  run: string;
  title: string;
  subject?: string;
  ticket?: string;
  kind: string;
  status: string;
  owner: string;
  affects: string[];
  risk?: string;
  backout?: string;
  /** When its window opens next and closes; absent where it has none, or where that cannot be said. */
  from?: number;
  to?: number;
  calendar?: string;
  frozenBy?: string;
  /** Others at the same time on the same things. */
  conflicts?: Conflict[];
}

export function plannedTimes(
  { library, calendars }: Pick<ApiParts, 'library' | 'calendars'>,
  from: number,
  to: number,
): PlannedTime[] {
  const { configuration, plans } = library();
  const windows = [...plans.values()].flatMap(windowsIn);
  const freezes = new Set(windows.flatMap(({ freeze }) => freeze));
  const opened = new Set(windows.map(({ calendar }) => calendar));
  const kindOf = (name: string): PlannedTime['kind'] => {
    if (freezes.has(name)) return 'freeze';
    if (opened.has(name)) return 'window';
    return name === configuration.holidays ? 'holiday' : 'other';
  };
  return Object.keys(configuration.calendars)
    .flatMap((calendar) =>
      occurrencesOf(calendars(), calendar, from, to).map((each) => ({
        ...each,
        calendar,
        kind: kindOf(calendar),
      })),
    )
    .sort((a, b) => a.from - b.from);
}

function occurrencesOf(calendars: Calendars, name: string, from: number, to: number): Occurrence[] {
  try {
    return calendars.occurrences(name, from, to);
  } catch {
    // One that cannot be read: whoever needs it parks and says so, and the others are shown.
    return [];
  }
}

/** `run` only for whoever may see it: its page would refuse everybody else. */
export interface Conflict {
  run?: string;
  title: string;
  affects: string[];
}

type PlanParts = Pick<ApiParts, 'store' | 'library' | 'calendars'>;

/** Of the runs that this person may see, those of changes and maintenance that have not ended. */
export async function plannedChanges(parts: PlanParts, concerning?: string): Promise<PlannedChange[]> {
  const changes = await unended(parts, concerning);
  const all = concerning === undefined ? changes : await unended(parts);
  const seen = concerning === undefined ? undefined : new Set(changes.map(({ run }) => run));
  return changes.map((change) => ({
    ...change,
    ...defined({ conflicts: unlessEmpty(conflictsOf(change, all, seen)) }),
  }));
}

/** Changes that are at work in the same time on the same things, for whoever has no role without what is not theirs. */
export async function conflictsShown(
  change: PlannedChange,
  parts: PlanParts,
  concerning?: string,
): Promise<Conflict[]> {
  const seen =
    concerning === undefined ? undefined : new Set((await rowsOf(parts, concerning)).map(({ id }) => id));
  return conflictsOf(change, await unended(parts), seen);
}

async function rowsOf({ store }: Pick<ApiParts, 'store'>, concerning?: string): Promise<RunRow[]> {
  return store.runs.list({
    kind: ['change', 'maintenance'],
    status: ['running', 'waiting', 'parked', 'paused'],
    limit: mostChanges,
    ...defined({ concerning: concerning === undefined ? undefined : [concerning] }),
  });
}

export async function unended(parts: PlanParts, concerning?: string): Promise<PlannedChange[]> {
  const rows = await rowsOf(parts, concerning);
  const facts = await parts.store.agenda.facts(rows.map(({ id }) => id));
  const plans = await plansOf(rows, parts);
  return rows.map((row) =>
    plannedOf(row, { plan: plans.get(row.planHash ?? ''), journal: facts.get(row.id)?.journal ?? [] }, parts),
  );
}

/** By hash, each read once. */
export async function plansOf(
  rows: readonly Pick<RunRow, 'planHash'>[],
  { store }: Pick<ApiParts, 'store'>,
): Promise<Map<string, Plan | undefined>> {
  const plans = new Map<string, Plan | undefined>();
  for (const { planHash: hash = '' } of rows)
    if (!plans.has(hash)) plans.set(hash, await store.runs.plan(hash));
  return plans;
}

export function plannedOf(
  row: RunRow,
  { plan, journal }: { plan: Plan | undefined; journal: readonly JournalEntry[] },
  { library, calendars }: Pick<ApiParts, 'library' | 'calendars'>,
): PlannedChange {
  const organisation = library().configuration.organisation;
  const told =
    plan?.change &&
    changeOf(
      plan.change,
      runVariables({
        id: row.id,
        plan: runPlanOf(plan),
        boundInputs: bind(inputsNow(journal)),
        requester: { id: row.requester, roles: [] },
        startedAt: Date.parse(row.startedAt),
        ...defined({ ticket: row.ticket, organisation }),
      }),
    );
  const window = plan && nextWindow(plan, journal);
  const opens: Opening = window ? opening(window, calendars()) : {};
  return {
    run: row.id,
    title: row.title,
    kind: row.kind,
    status: row.status,
    owner: row.owner,
    affects: told?.affects ?? [],
    ...defined({
      subject: row.subject,
      ticket: row.ticket?.key,
      risk: told?.risk,
      backout: told?.backout,
      from: opens.opensAt,
      to: opens.closesAt,
      calendar: window?.calendar,
      frozenBy: opens.frozenBy,
    }),
  };
}

/** As the run was started and amended, in the journal's words. */
function inputsNow(journal: readonly JournalEntry[]): JsonObject {
  const inputs: JsonObject = {};
  for (const { kind, data } of journal) {
    const told = kind === 'run.started' ? data?.inputs : kind === 'run.amended' ? data?.after : undefined;
    if (told && typeof told === 'object' && !Array.isArray(told)) Object.assign(inputs, told);
  }
  return inputs;
}

/** The first window that has not been left yet. */
function nextWindow(plan: Plan, journal: readonly JournalEntry[]) {
  const left = new Set(
    journal.flatMap(({ kind, step }) =>
      step !== undefined && /^step\.(succeeded|skipped|undone)$/.test(kind) ? [step] : [],
    ),
  );
  return windowsIn(plan).find(({ id }) => !left.has(id));
}

function windowsIn({ steps, finally: last }: Pick<Plan, 'steps' | 'finally'>) {
  const within = (list: readonly Step[]): Extract<Step, { kind: 'window' }>[] =>
    list.flatMap((step) => [
      ...(step.kind === 'window' ? [step] : []),
      ...innerSteps(step).flatMap((inner) => within(inner)),
    ]);
  return [...within(steps), ...within(last)];
}

/** At the same time, on something that both affect. `seen` are the runs that whoever asks may see; all, unless it is given. */
export function conflictsOf(
  change: PlannedChange,
  all: readonly PlannedChange[],
  seen?: ReadonlySet<string>,
): Conflict[] {
  const { from, to, affects } = change;
  if (from === undefined || to === undefined) return [];
  const named = new Set(affects.map((name) => name.toLowerCase()));
  return all.flatMap((other) => {
    if (other.run === change.run || other.from === undefined || other.to === undefined) return [];
    if (other.from >= to || other.to <= from) return [];
    const both = other.affects.filter((name) => named.has(name.toLowerCase()));
    if (both.length === 0) return [];
    // What another run is about is for those who may see it.
    if (seen && !seen.has(other.run)) return [{ title: other.title, affects: both }];
    return [{ run: other.run, title: runNameOf(other), affects: both }];
  });
}

function runNameOf({ title, subject, ticket }: PlannedChange): string {
  return [subject ? `${title}: ${subject}` : title, ticket].filter(Boolean).join(', ');
}
