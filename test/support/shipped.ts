/** The shipped runbooks, compiled with the shipped configuration, and played on the virtual clock with the world of their own tests. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileProject, knownActions, readProject } from '../../cli/project.ts';
import { readTestFile } from '../../compiler/test-file/read.ts';
import type { Json, JsonObject, Plan } from '../../plan/plan.ts';
import { type Rehearsed, rehearse, type Script } from '../../rehearsal/rehearse.ts';
import { type Surroundings, surroundingsOf } from '../../rehearsal/world.ts';
import { packageRoot } from '../../store/package-root.ts';
import type { JournalKind } from '../../workflows/journal.ts';
import type { UpdateName } from '../../workflows/messages.ts';
import type { Run } from '../../workflows/run.ts';
import type { VirtualClock } from '../../workflows/virtual/clock.ts';

export interface Shipped {
  plan: Plan;
  plans: readonly Plan[];
  surroundings: Surroundings;
  script: Script;
}

/** With its text edited, where a test asks what would be so without a line of it. */
export function shipped(path: string, edit: (text: string) => string = (text) => text): Shipped {
  const file = join(packageRoot(), 'runbooks', path);
  const project = readProject([join(packageRoot(), 'runbooks')], join(packageRoot(), 'countersign.yaml'));
  const files = project.files.map((source) =>
    source.path.endsWith(path) ? { ...source, text: edit(source.text) } : source,
  );
  const { plans, configuration, diagnostics } = compileProject({ ...project, files });
  const name = path.replace(/^.*\/|\.yaml$/g, '');
  const plan = plans.find(({ runbook }) => runbook === name);
  const wrong = diagnostics.filter(({ severity }) => severity === 'error');
  if (!plan || wrong.length > 0) throw new Error(`${path}: ${wrong.map(({ message }) => message).join(' ')}`);
  const tests = file.replace(/\.yaml$/, '.test.yaml');
  const surroundings = surroundingsOf(configuration, 'countersign.yaml');
  const read = readTestFile({
    names: surroundings,
    path: tests,
    text: readFileSync(tests, 'utf8'),
    beside: name,
    plans,
    catalogue: knownActions(),
  });
  const [script] = read.file?.tests ?? [];
  if (!script) throw new Error(`${tests} has no test`);
  return { plan, plans, surroundings, script };
}

/** Those who act in the run that is played. */
export class Cast {
  readonly clock: VirtualClock;
  private readonly shipped: Shipped;
  private readonly runs: ReadonlyMap<string, Run>;

  constructor(stage: { clock: VirtualClock; runs: ReadonlyMap<string, Run> }, shipped: Shipped) {
    this.clock = stage.clock;
    this.runs = stage.runs;
    this.shipped = shipped;
  }

  get run(): Run {
    const [run] = this.runs.values();
    if (!run) throw new Error('no run has begun');
    return run;
  }

  /** Until something of the run holds. */
  until(holds: (run: Run) => boolean): Promise<void> {
    return this.clock.until(() => this.runs.size > 0 && holds(this.run));
  }

  at(step: string, ...statuses: string[]): Promise<void> {
    return this.until((run) => {
      const { gates, tasks, steps } = run.state;
      if (statuses.length > 0) return statuses.includes(steps.get(step)?.status ?? '');
      return (gates.get(step)?.hash ?? '') !== '' || tasks.has(step);
    });
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.clock.after(ms, resolve));
  }

  principal(id: string) {
    const { roles } = this.shipped.surroundings;
    return {
      id,
      roles: Object.keys(roles).filter((name) => roles[name]?.people.includes(id)),
    };
  }

  tell(update: UpdateName, by: string, more: object = {}): unknown {
    return this.run.commands.tell(update, {
      principal: this.principal(by),
      comment: 'as it was asked',
      ...more,
    });
  }

  vote(step: string, by: string, decision: 'approve' | 'reject' = 'approve'): unknown {
    return this.tell('vote', by, { step, decision, hash: this.run.state.gates.get(step)?.hash ?? '' });
  }

  /** Signs, once people are asked. */
  async signs(step: string, by: string, decision: 'approve' | 'reject' = 'approve'): Promise<void> {
    await this.until((run) => {
      const gate = run.state.gates.get(step);
      return gate !== undefined && gate.outcome === undefined && gate.hash !== '';
    });
    this.vote(step, by, decision);
  }
}

export interface Played extends Rehearsed {
  kinds: JournalKind[];
  /** What one step's action was called with, in order; the items of a list after each other. */
  inputs(step: string): JsonObject[];
}

export async function play(
  { plan, plans, surroundings, script }: Shipped,
  act: (cast: Cast) => Promise<void>,
  more: { inputs?: JsonObject; actions?: Record<string, Json>; requester?: string } = {},
): Promise<Played> {
  let failure: unknown = new Error('the run ended, or stood still, before everybody had acted');
  const result = await rehearse({
    plan,
    plans,
    catalogue: knownActions(),
    surroundings,
    script: {
      ...script,
      events: [],
      inputs: { ...script.inputs, ...more.inputs },
      actions: { ...script.actions, ...(more.actions as Script['actions']) },
      ...(more.requester ? { requester: more.requester } : {}),
    },
    helpers: async (stage) => {
      await act(new Cast(stage, { plan, plans, surroundings, script })).then(
        () => {
          failure = undefined;
        },
        (error) => {
          failure = error;
        },
      );
    },
  });
  if (failure) throw failure;
  if (!('journal' in result)) throw new Error(result.problems.join(' '));
  return {
    ...result,
    kinds: result.journal.map(({ kind }) => kind),
    inputs: (step) =>
      result.calls.filter((call) => call.step.replace(/\[\d+\]/g, '') === step).map(({ input }) => input),
  };
}
