/** Those who act in a rehearsal: they vote, report, operate and amend, each as soon as they can and have waited long enough. */

import { checkedAmendment, checkedCompletion, formProblems } from '../activities/engine/command-checks.ts';
import type { EventKind, TestEvent } from '../compiler/test-file/types.ts';
import { resolvePeople } from '../organisation/people.ts';
import type { Catalogue } from '../plan/catalogue.ts';
import { defined } from '../plan/defined.ts';
import type { Duration } from '../plan/plan.ts';
import type { Seal } from '../vault/seal.ts';
import type { EventRequest, Principal, UpdateName } from '../workflows/messages.ts';
import type { Run } from '../workflows/run.ts';
import type { VirtualClock } from '../workflows/virtual/clock.ts';
import { Refusal } from '../workflows/votes.ts';
import type { Surroundings } from './world.ts';

export interface Stage {
  clock: VirtualClock;
  surroundings: Surroundings;
  /** All runs so far by id: the one that is rehearsed, and those that its steps started. */
  runs: ReadonlyMap<string, Run>;
  root: string;
  catalogue: Catalogue;
  seal: Seal;
}

export class People {
  /** What went otherwise than the test says. */
  readonly problems: string[] = [];
  private readonly stage: Stage;
  private readonly events: readonly TestEvent[];
  private done = 0;

  constructor(stage: Stage, events: readonly TestEvent[]) {
    this.stage = stage;
    this.events = events;
  }

  async act(): Promise<void> {
    const { clock } = this.stage;
    for (const event of this.events) {
      await clock.until(() => this.isPossible(event));
      if (event.after) await this.wait(event.after);
      this.done += 1;
      this.perform(event);
    }
  }

  /** What is left when the run has ended or waits for good. */
  close(): void {
    for (const event of this.events.slice(this.done)) {
      if (event.refused) this.perform(event);
      else this.problems.push(`line ${event.line}: \`${textOf(event)}\` never became possible.`);
    }
    this.done = this.events.length;
  }

  private wait(length: Duration): Promise<void> {
    const { clock, surroundings } = this.stage;
    const now = clock.now();
    const ms = surroundings.calendars.after(now, length) - now;
    return new Promise((resolve) => clock.after(ms, resolve));
  }

  private isPossible(event: TestEvent): boolean {
    if (event.when !== undefined) {
      const place = this.find(event.when);
      const status = place?.run.state.steps.get(place.key)?.status;
      if (status === undefined || status === 'pending') return false;
    }
    if (event.step === undefined) return true;
    const place = this.find(event.step);
    if (!place) return false;
    const { gates, tasks, parked } = place.run.state;
    const gate = gates.get(place.key);
    switch (event.does) {
      case 'approve':
      case 'reject':
      case 'reassign':
        return (
          gate !== undefined && (event.refused === true || gate.outcome === undefined) && gate.hash !== ''
        );
      case 'complete':
        return tasks.has(place.key) || parked.has(place.key);
      default:
        return parked.has(place.key);
    }
  }

  /** `tell.send` is the step `send` of the run that the step `tell` started. */
  private find(step: string): { run: Run; key: string } | undefined {
    const { runs, root } = this.stage;
    for (const [id, run] of runs) {
      const prefix = id === root ? '' : `${id.slice(root.length + 1).replaceAll('/', '.')}.`;
      if (!step.startsWith(prefix)) continue;
      const key = step.slice(prefix.length);
      if (run.state.steps.has(key)) return { run, key };
    }
    return undefined;
  }

  private perform(event: TestEvent): void {
    const place = event.step === undefined ? undefined : this.find(event.step);
    const run = place?.run ?? this.waitingFor(event) ?? this.stage.runs.get(this.stage.root);
    if (!run) return;
    if (event.does === 'event') this.tellCalled(event, run);
    const what = `line ${event.line}: \`${textOf(event)}\``;
    try {
      const problems = this.formProblems(event, run, place?.key ?? '');
      if (problems.length > 0) throw new Refusal('NotValid', problems.join(' '));
      const key = place?.key ?? '';
      run.commands.tell(updateOf(event.does), requestOf(event, this.principal(event, run, key), run, key));
      if (event.refused) this.problems.push(`${what} was accepted, and should have been refused.`);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (!event.refused) this.problems.push(`${what} was refused: ${error.message}`);
    }
  }

  /** The run, called ones included, that waits for this event from outside. */
  private waitingFor({ does, event, key }: TestEvent): Run | undefined {
    if (does !== 'event') return undefined;
    return [...this.stage.runs.values()].find((run) =>
      [...run.state.waits.values()].some((wait) => wait.event?.name === event && wait.event?.key === key),
    );
  }

  /** As the gateway keeps an event that comes early, for a run that is only called later. */
  private tellCalled(event: TestEvent, told: Run): void {
    const root = this.stage.runs.get(this.stage.root);
    if (told !== root || this.waitingFor(event)) return;
    const called = () => {
      const run = this.waitingFor(event);
      return run === root ? undefined : run;
    };
    void this.stage.clock
      .until(() => called() !== undefined)
      .then(() => {
        const run = called();
        run?.commands.tell('event', requestOf(event, this.principal(event, run, ''), run, ''));
      })
      .catch(() => {});
  }

  /** As the gateway checks it before a run hears of it. */
  private formProblems(event: TestEvent, run: Run, key: string): string[] {
    const { does, output = {}, inputs = {}, form = {} } = event;
    const { catalogue, seal } = this.stage;
    const gate = run.state.gates.get(key);
    if (does === 'approve' && gate?.form && gate.outcome === undefined) {
      const problems = formProblems(gate, form);
      return problems.length > 0 ? [`\`form\`: ${problems.join(' ')}`] : [];
    }
    if (does === 'complete')
      return checkedCompletion(run.state.view(), key, output, { catalogue, seal }).problems;
    return does === 'amend' ? checkedAmendment(run.start.plan, inputs, seal).problems : [];
  }

  private principal(event: TestEvent, run: Run, key: string): Principal {
    const id = (event.by ?? this.whoActs(event.does, run, key)).toLowerCase();
    const roles = Object.entries(this.stage.surroundings.roles)
      .filter(([, { people }]) => people.some((person) => person.toLowerCase() === id))
      .map(([name]) => name);
    return { id, roles };
  }

  /** Whoever is asked and has not answered; for everything else the runbook's owner. */
  private whoActs(does: EventKind, run: Run, key: string): string {
    const gate = run.state.gates.get(key);
    if (gate && (does === 'approve' || does === 'reject')) {
      const voted = gate.votes.map((vote) => vote.principal.id);
      return gate.approvers.find((person) => !voted.includes(person)) ?? gate.approvers[0] ?? 'nobody';
    }
    const task = run.state.tasks.get(key);
    if (task && does === 'complete') return task.people[0] ?? 'nobody';
    const [owner] = resolvePeople([run.start.plan.owner], this.stage.surroundings.roles);
    return owner ?? 'nobody';
  }
}

/** What the event says, as the Update that it stands for. */
function requestOf(event: TestEvent, principal: Principal, run: Run, step: string): object {
  const { does, to = [], output = {}, with: edited, inputs = {}, for: whose, minutes = '' } = event;
  const common = { principal, step, ...why(event) };
  switch (does) {
    case 'approve':
    case 'reject': {
      const hash = run.state.gates.get(step)?.hash ?? '';
      const recorded = whose === undefined ? {} : { recorded: { for: whose, minutes } };
      return { ...common, decision: does, hash, ...recorded, ...defined({ form: event.form }) };
    }
    case 'reassign':
      return { ...common, from: to };
    case 'complete':
      return { ...common, output };
    case 'retry':
      return { ...common, ...(edited ? { with: edited } : {}) };
    case 'amend':
      return { ...common, inputs };
    case 'event':
      return {
        name: event.event ?? '',
        key: event.key ?? '',
        data: event.data ?? {},
        ...senderOf(event, principal),
      };
    default:
      return common;
  }
}

/** Of an event that a test says nobody sent, any system may have. */
function senderOf({ by }: TestEvent, { id, roles }: Principal): Pick<EventRequest, 'source' | 'roles'> {
  return by === undefined ? {} : { source: id, roles: roles.map((role) => `role:${role}`) };
}

function updateOf(does: EventKind): UpdateName {
  return does === 'approve' || does === 'reject' ? 'vote' : does;
}

function why({ comment }: Pick<TestEvent, 'comment'>): { comment?: string } {
  return comment === undefined ? {} : { comment };
}

function textOf(event: TestEvent): string {
  const about = event.step ?? event.event ?? event.comment ?? '';
  return `${event.does}${about ? `: ${about}` : ''}${event.by ? `, by ${event.by}` : ''}`;
}
