/**
 * What was in force at each moment of a run, by its journal alone: the inputs, what steps had given, what was signed and countersigned.
 * For whoever checks a run afterwards; the engine itself never reads its journal.
 */
import type { Json, JsonObject, Plan } from '../../plan/plan.ts';
import { bind, type Variables } from '../expressions.ts';
import type { JournalEntry } from '../journal.ts';

/** Of a step, as expressions read it. */
export interface Given {
  status: string;
  output?: Json;
  approvers?: Json;
  /** Who completed it by hand. */
  byHand?: string;
}

export interface SignedValue {
  path: string;
  after: Json;
}

/** What the people of an approval were shown when they gave it. */
type Shown = JsonObject;

/** Since which place of the journal it is so. */
type Since<T> = T & { since: number };

interface Edit {
  with: Json;
  /** Those who signed for the step are asked first. */
  proposed: boolean;
}

interface Taken {
  place: number;
  at: number;
  step: string;
  data: JsonObject;
}

export class JournalledState {
  /** Undefined for a run whose journal does not tell them: one of an engine before 4. */
  inputs: JsonObject | undefined;
  readonly steps = new Map<string, Given>();
  /** By the key of the approval, each time that it was given. */
  private readonly approvals = new Map<string, Since<{ shown: Shown }>[]>();
  readonly countersigned: Since<SignedValue>[] = [];
  /** Ids of the proposals that are signed afterwards. */
  private readonly inForce = new Set<string>();
  readonly edits = new Map<string, Edit[]>();
  /** Steps that did their work in a history of their own, of which the journal has the count alone. */
  readonly inParts = new Set<string>();
  /** What they gave before they were skipped is read still. */
  readonly skipped = new Set<string>();
  /** Every state of the inputs, the first one first: an item keeps the number under which it was first seen. */
  readonly versions: JsonObject[] = [];
  private readonly asked = new Map<string, Set<string>>();
  private readonly opened = new Map<string, Shown>();
  private readonly signers = new Map<string, Json>();
  private readonly journal: readonly JournalEntry[];
  private readonly plan: Pick<Plan, 'runbook' | 'data' | 'organisation'>;
  private readonly run: { id: string };
  /** What repeats remember, by the key of each. */
  private readonly remembered = new Map<string, JsonObject>();
  private common: Variables = {};

  constructor(
    run: { id: string },
    plan: Pick<Plan, 'runbook' | 'data' | 'organisation'>,
    journal: readonly JournalEntry[],
  ) {
    this.run = run;
    this.plan = plan;
    this.journal = journal;
  }

  /** Takes the entry at this place of the journal. Of most there is nothing to know. */
  take(place: number): void {
    const entry = this.journal[place] as JournalEntry;
    const { kind, step = '', data = {} } = entry;
    const taking = this.taking[kind];
    if (taking) taking({ place, at: entry.at, step, data });
    else this.ended(kind, step, data);
  }

  private readonly taking: Partial<Record<JournalEntry['kind'], (taken: Taken) => void>> = {
    'run.started': ({ at, data }) => this.began(at, data),
    // Only closing steps read it: how the run is to end is settled by then.
    'run.undoing': ({ data }) => this.ends(String(data.status)),
    'run.amended': ({ place, data }) => this.amended(place, data),
    'proposal.countersigned': ({ place, data }) => {
      for (const change of changesIn(data)) {
        this.countersigned.push({ ...change, since: place });
        // In force since it was made: what was amended since is not taken back by a signature.
        if (!this.inForce.has(String(data.id))) this.give(inputsIn([change]));
      }
    },
    'proposal.made': ({ data }) => {
      if (data.afterwards === true) this.inForce.add(String(data.id));
    },
    command: ({ place, step, data }) => {
      if (data.command === 'retry' && isObject(data.with)) this.edited(place, step, data.with);
    },
    'gate.opened': ({ step, data }) => {
      if (isObject(data.shown)) this.opened.set(step, data.shown);
    },
    'gate.approved': ({ place, step, data }) => {
      const shown = this.opened.get(step);
      if (shown) this.approvals.set(step, [...(this.approvals.get(step) ?? []), { shown, since: place }]);
      this.signers.set(step, data.by ?? null);
    },
    'task.opened': ({ step, data }) => {
      this.asked.set(step, new Set(textsIn(data.people)));
    },
    'task.escalated': ({ step, data }) => {
      this.asked.set(step, new Set([...(this.asked.get(step) ?? []), ...textsIn(data.people)]));
    },
    'state.set': ({ step, data }) => {
      if (isObject(data.values)) this.remembered.set(step, { ...this.remembered.get(step), ...data.values });
    },
    'batch.ended': ({ step }) => {
      this.inParts.add(step.replace(/\[.*$/, ''));
    },
  };

  /** What its people were shown when they approved it last before a place of the journal; before now, where none is told. */
  approved(gate: string, before = Number.POSITIVE_INFINITY): Shown | undefined {
    return this.approvals.get(gate)?.findLast(({ since }) => since < before)?.shown;
  }

  /**
   * What expressions can name at this moment, besides the items of lists. `visible` says what is seen of the step that an id means,
   * `repeat` is the key of the repeat around it that remembers something.
   */
  variables(ids: Iterable<string>, visible: (id: string) => Given | undefined, repeat = ''): Variables {
    const steps: Record<string, unknown> = Object.create(null);
    for (const id of ids) {
      const given = visible(id);
      if (!given) continue;
      const { byHand: _, ...seen } = given;
      steps[id] = bind(seen as unknown as JsonObject);
    }
    return {
      ...this.common,
      inputs: bind(this.inputs ?? {}),
      steps,
      state: bind(this.remembered.get(repeat) ?? {}),
    };
  }

  private began(at: number, data: JsonObject): void {
    const { id } = this.run;
    this.common = {
      run: bind({
        id,
        runbook: this.plan.runbook,
        requester: data.requester ?? null,
        startedAt: new Date(at).toISOString(),
      }),
      ticket: bind(data.ticket ?? null),
      organisation: bind({
        ...(isObject(data.organisation) ? data.organisation : {}),
        ...this.plan.organisation,
      }),
      ...(this.plan.data ? { data: bind(this.plan.data) } : {}),
    };
    this.ends('succeeded');
    this.give(isObject(data.inputs) ? data.inputs : {});
  }

  private ends(status: string): void {
    this.common.run = { ...(this.common.run as object), status };
  }

  get hasOrganisation(): boolean {
    return this.plan.organisation !== undefined || isObject(this.journal[0]?.data?.organisation);
  }

  private give(inputs: JsonObject): void {
    if (Object.keys(inputs).length === 0 && this.inputs) return;
    this.inputs = { ...this.inputs, ...inputs };
    this.versions.push(this.inputs);
  }

  /** What is proposed waits for those who signed; the rest is in force. */
  private amended(place: number, { after, by }: JsonObject): void {
    if (!isObject(after)) return;
    const proposed = this.proposedBehind(place, String(by));
    this.give(Object.fromEntries(Object.entries(after).filter(([name]) => !proposed.has(`inputs.${name}`))));
  }

  private edited(place: number, key: string, { after = null }: JsonObject): void {
    const id = key.replace(/\[.*$/, '');
    const by = String(this.journal[place]?.data?.by);
    const proposed = this.proposedBehind(place, by).has(`steps.${id}.with`);
    this.edits.set(key, [...(this.edits.get(key) ?? []), { with: after, proposed }]);
  }

  /** Paths of what the command at this place proposed: it is written down right behind it. */
  private proposedBehind(place: number, by: string): Set<string> {
    const paths = new Set<string>();
    for (let next = place + 1; next < this.journal.length; next += 1) {
      const { kind, data = {} } = this.journal[next] as JournalEntry;
      if (!besideCommands.has(kind)) break;
      if (kind !== 'proposal.made' || data.afterwards === true) continue;
      if (String(data.by).toLowerCase() !== by.toLowerCase()) continue;
      for (const { path } of changesIn(data)) paths.add(path);
    }
    return paths;
  }

  private ended(kind: JournalEntry['kind'], key: string, { output, completedBy }: JsonObject): void {
    if (kind === 'step.skipped' && this.steps.has(key)) this.skipped.add(key);
    const status = statusOf[kind];
    if (status === undefined) return;
    const given: Given = { status };
    if (output !== undefined) given.output = output;
    const signers = this.signers.get(key);
    if (kind === 'step.succeeded' && signers !== undefined && signers !== null) given.approvers = signers;
    const wasAsked = this.asked.get(key)?.has(String(completedBy).toLowerCase());
    if (completedBy !== undefined && !wasAsked) given.byHand = String(completedBy);
    this.steps.set(key, given);
    this.skipped.delete(key);
  }
}

/** What one command writes down besides itself. */
const besideCommands: ReadonlySet<string> = new Set([
  'proposal.made',
  'proposal.withdrawn',
  'gate.reopened',
  'gate.voided',
  'gate.approved',
]);

const statusOf: Partial<Record<JournalEntry['kind'], string>> = {
  'step.succeeded': 'succeeded',
  'step.failed': 'failed',
  'step.expired': 'expired',
  'gate.rejected': 'rejected',
};

export function changesIn({ changes }: JsonObject): SignedValue[] {
  if (!Array.isArray(changes)) return [];
  return changes.filter(isObject).map(({ path, after }) => ({ path: String(path), after: after ?? null }));
}

function inputsIn(changes: readonly SignedValue[]): JsonObject {
  const inputs = changes.filter(({ path }) => /^inputs\.\w+$/.test(path));
  return Object.fromEntries(inputs.map(({ path, after }) => [path.slice('inputs.'.length), after]));
}

function textsIn(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.map((each) => String(each).toLowerCase()) : [];
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
