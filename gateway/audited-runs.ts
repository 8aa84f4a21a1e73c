/**
 * Runs, with every start, vote and command put on record: what was asked before the run hears of it, what became of it
 * after. One place for whatever speaks to runs here: people, tickets, programs.
 */

import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { StartedRun } from '../activities/kit/begin-run.ts';
import { defined } from '../plan/defined.ts';
import { errorText } from '../plan/error-text.ts';
import type { Json, JsonObject } from '../plan/plan.ts';
import type { SealedStart } from '../plan/sealed.ts';
import type { Audit } from '../store/audit/audit.ts';
import { type AuditEntry, type AuditKind, digestOf } from '../store/audit/record.ts';
import type { Seal } from '../vault/seal.ts';
import { type Principal, type RunStart, updates } from '../workflows/messages.ts';
import { afterwards } from './afterwards.ts';
import { Problem } from './problem.ts';
import { RefusalLimit } from './refusal-limit.ts';
import type { Sealing } from './sealing.ts';
import { RunService } from './temporal.ts';

interface Options {
  audit: Pick<Audit, 'append' | 'appendOnce'>;
  seal: Seal;
  sealing: Sealing;
  /** What people see of the run is compared with Temporal in a moment, since it was told something. */
  compareSoon?: (runId: string) => Promise<void>;
  log: (line: string) => void;
}

/** Whatever an Update may carry of what goes on record. */
interface Told {
  principal?: Principal;
  step?: string;
  comment?: string;
  ticket?: true;
  decision?: string;
  hash?: string;
  recorded?: { for: string; minutes: string };
  from?: string[];
  form?: JsonObject;
  inputs?: JsonObject;
  output?: JsonObject;
  with?: JsonObject;
}

type Outcome = 'requested' | 'accepted' | 'refused' | 'unknown';

export class AuditedRuns extends RunService {
  private readonly options: Options;
  private readonly refusals = new RefusalLimit();

  constructor(client: Client, taskQueue: string, options: Options) {
    super(client, taskQueue, options.sealing);
    this.options = options;
  }

  override async start(workflowId: string, start: RunStart): Promise<StartedRun> {
    const started = await super.start(workflowId, start);
    // Also when the same cause started it before: the gateway may have died between the two.
    if (started.how !== 'another cause')
      await afterwards(`The start of run ${started.runId} is not on record yet`, this.options.log, () =>
        this.options.audit.appendOnce(this.startedEntry(started.runId, start)),
      );
    return started;
  }

  protected override async began(sealed: SealedStart<RunStart>, runId: string): Promise<void> {
    await afterwards(`Which start began run ${runId} is not on record yet`, this.options.log, () =>
      super.began(sealed, runId),
    );
  }

  override async update<Result>(
    workflowId: string,
    runId: string,
    name: string,
    request: unknown,
    updateId: string = randomUUID(),
  ): Promise<Result> {
    const { principal, ticket } = request as Told;
    // A ticket's edits are not somebody's tries.
    if (principal && !ticket) this.refusals.check(runId, principal.id);
    const told = this.about(runId, name, request as Told, updateId);
    // What cannot be recorded is not done.
    await told('requested');
    try {
      const result = await super.update<Result>(workflowId, runId, name, request, updateId);
      await afterwards(
        `That ${name} was accepted by run ${runId} is not on record yet`,
        this.options.log,
        () => told('accepted'),
      );
      return result;
    } catch (error) {
      const outcome = outcomeOf(error);
      if (principal && outcome === 'refused') this.refusals.add(runId, principal.id);
      await this.note(async () => {
        await told(outcome, { reason: errorText(error) });
        if (outcome === 'unknown') await this.options.compareSoon?.(runId);
      });
      throw error;
    }
  }

  /** The last resort, for a run that does not answer. */
  async terminate(
    workflowId: string,
    runId: string,
    { principal, reason }: { principal: Principal; reason: string },
  ): Promise<void> {
    const told = this.about(runId, 'terminate', { principal, comment: reason }, randomUUID());
    await told('requested');
    await this.end(workflowId, runId, reason);
    await this.note(() =>
      told('unknown', { reason: 'it was ended in Temporal, and nothing was taken back' }),
    );
  }

  /** What was refused here, before the run heard of it. */
  async refused(runId: string, name: string, request: unknown, error: unknown): Promise<void> {
    const { principal } = request as Told;
    if (principal) {
      this.refusals.check(runId, principal.id);
      this.refusals.add(runId, principal.id);
    }
    const told = this.about(runId, name, request as Told, randomUUID());
    await this.note(() => told('refused', { reason: errorText(error) }));
  }

  /** Writes the records of one request. */
  private about(runId: string, name: string, told: Told, request: string) {
    const family = name === updates.vote ? 'vote' : 'command';
    const { principal, step } = told;
    const what = family === 'vote' ? this.voteData(told) : this.commandData(name, told);
    return (outcome: Outcome, more: JsonObject = {}): Promise<void> =>
      this.options.audit.append({
        runId,
        kind: `${family}.${outcome}` satisfies AuditKind,
        ...defined({ step: step || undefined }),
        actor: principal?.id ?? 'unknown',
        data: { request, ...what, ...more },
      });
  }

  private voteData({ decision, hash, comment, recorded, form }: Told): JsonObject {
    return {
      decision: decision ?? null,
      hash: hash ?? null,
      ...defined({
        comment: comment || undefined,
        for: recorded?.for,
        minutes: recorded?.minutes,
        form: form && this.digests(form),
      }),
    };
  }

  private commandData(command: string, told: Told): JsonObject {
    const { comment, ticket, from } = told;
    const given = (['inputs', 'output', 'with'] as const).flatMap((field) => {
      const values = told[field];
      return values ? [[field, this.digests(values)] as const] : [];
    });
    return {
      command,
      ...defined({ comment: comment || undefined, ticket, from: from || undefined }),
      ...Object.fromEntries(given),
    };
  }

  private startedEntry(runId: string, start: RunStart): AuditEntry {
    const { plan, inputs, requester, cause, ticket, commit, file, author } = start;
    return {
      runId,
      kind: 'run.started',
      actor: requester.id,
      data: {
        runbook: plan.runbook,
        title: plan.title,
        planHash: plan.hash,
        ...defined({ commit: commit || undefined, file, author: author || undefined }),
        cause: cause.type,
        ...defined({
          delivery: (cause.type === 'ticket' && cause.key) || undefined,
          ticket: ticket ? `${ticket.system}:${ticket.key}` : undefined,
        }),
        inputs: this.digests(inputs),
      },
    };
  }

  /**
   * Names, and a digest of each value. Records are kept for good, so what people hand in is not copied into them, sensitive
   * or not; whoever has a value can still show that it was this one.
   */
  private digests(values: JsonObject): JsonObject {
    const { seal } = this.options;
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, digestOf(seal, opened(value, seal))]),
    );
  }

  /** What has happened stays so when it cannot be recorded: that it was asked for stands there already. */
  private async note(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      this.options.log(`An audit record could not be written: ${errorText(error)}`);
    }
  }
}

function opened(value: Json, seal: Seal): Json {
  const sealed = typeof value === 'object' && value !== null && !Array.isArray(value) && value.$sealed;
  return typeof sealed === 'string' ? seal.open(sealed) : value;
}

/** A refusal is the run's or the gateway's word; when no answer came, nobody knows here what became of it. */
function outcomeOf(error: unknown): Outcome {
  return error instanceof Problem && error.status < 500 ? 'refused' : 'unknown';
}
