/** Starts runs of the runbooks as they are now, and lists what was started. */
import { type ComposedStart, composeStart, type StartOrder } from '../activities/engine/run-start.ts';
import type { StartedRun } from '../activities/kit/begin-run.ts';
import { defined } from '../plan/defined.ts';
import type { Store } from '../store/store.ts';
import type { Seal } from '../vault/seal.ts';
import { afterwards } from './afterwards.ts';
import { Problem } from './problem.ts';
import type { Library } from './runbooks.ts';
import type { RunService } from './temporal.ts';

export interface Started {
  runId: string;
  workflowId: string;
  how: StartedRun['how'];
}

interface Options {
  runs: Pick<RunService, 'start'>;
  store: Store;
  seal: Seal;
  library: () => Library;
  log: (line: string) => void;
}

export class RunStarter {
  private readonly options: Options;

  constructor(options: Options) {
    this.options = options;
  }

  /** Throws a {@link Problem} when the inputs do not fit. Whoever can list no run starts none; what has started is said, listed or not. */
  async start(order: StartOrder): Promise<Started> {
    const { store, runs, log } = this.options;
    const { workflowId, start } = this.composed(order);
    await store.ping();
    const { runId, how } = await runs.start(workflowId, start);
    // Also when the same cause started it before: the gateway may have died between the two.
    if (how !== 'another cause')
      await afterwards(`Run ${runId} of ${order.plan.runbook} is not listed yet`, log, () =>
        this.index(runId, workflowId, order),
      );
    return { runId, workflowId, how };
  }

  private composed(order: StartOrder): ComposedStart {
    const { seal, library } = this.options;
    const { configuration, plans, commit, authors } = library();
    const { plan } = order;
    const author = authors.get(plan.runbook);
    const composed = composeStart(order, {
      configuration,
      plans: [...plans.values()],
      seal,
      ...defined({ commit, author }),
    });
    if (!('problems' in composed)) return composed;
    throw new Problem(422, 'The inputs do not fit', `${plan.title}: ${composed.problems.join(' ')}`);
  }

  private index(runId: string, workflowId: string, { plan, requester, ticket }: StartOrder): Promise<void> {
    return this.options.store.runs.add({
      id: runId,
      workflowId,
      runbook: plan.runbook,
      title: plan.title,
      kind: plan.kind,
      owner: plan.owner,
      planHash: plan.hash,
      requester: requester.id,
      startedAt: new Date().toISOString(),
      ...defined({ ticket }),
    });
  }
}
