/** One attempt of a declared action, in the order that all have: look, mark, already, refuse, prepare, change, confirm, wait, give. */
import type { CompiledAction, DeclaredAction } from '../../plan/declared.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import type { ActionContext } from '../kit/define-action.ts';
import { delay } from '../kit/delay.ts';
import { PermanentFailure, RateLimited, RetryableFailure } from '../kit/failures.ts';
import type { RequestState } from '../kit/own-request.ts';
import type { Answer } from './answer.ts';
import type { DeclaredClient } from './client.ts';
import { compared, neverConnected, withDefaults } from './comparing.ts';
import { Computing } from './computing.ts';
import { Absence, Looking } from './looking.ts';
import { neverSent } from './never-sent.ts';
import { rendered } from './render.ts';

/** How things stand before anything is done. */
export interface Standing {
  computing: Computing;
  /** Nothing has to be done. */
  done: boolean;
  marked: { item: Json; own: boolean } | undefined;
  wanted: JsonObject;
  before: JsonObject;
  /** Why `done`, where something is not there and that is what is wanted. */
  gone: string | undefined;
}

/** Its work is done, and has not taken hold yet. */
class NotYet extends RetryableFailure {}

/** Failures in a row of an action that waits, before its step parks. */
const mostAttempts = 6;

/** How often an attempt decides anew after the service said that something changed meanwhile. */
const conflicts = 3;
/** A wait looks again within the attempt when the next look is nearer than this, in milliseconds. */
const nearMs = 60_000;

export class DeclaredAttempt {
  readonly action: DeclaredAction;
  readonly looking: Looking;
  private readonly title: string;
  private readonly context: ActionContext<DeclaredClient>;
  private readonly start: Computing;

  constructor(compiled: CompiledAction, input: JsonObject, context: ActionContext<DeclaredClient>) {
    const { action, service } = compiled;
    const { client } = context;
    this.action = action;
    this.title = service.title;
    this.context = context;
    this.start = new Computing(compiled).with({
      input: withDefaults(input, action.input),
      key: context.key,
      settings: client.openSettings(service),
    });
    this.looking = new Looking(client.senderOf(compiled), action.answers, client.signal, context.conceal);
  }

  async run(): Promise<JsonObject> {
    try {
      return await this.carriedOut();
    } catch (error) {
      throw this.action.wait ? await this.notForEver(error) : error;
    }
  }

  /** An action that waits has attempts for that, which are none for failures before it. */
  private async notForEver(error: unknown): Promise<unknown> {
    if (!(error instanceof RetryableFailure) || error instanceof NotYet) return error;
    if (this.context.attempt < mostAttempts) return error;
    const isWaiting = this.action.change && (await this.context.ownRequest.read()).is === 'carried out';
    return isWaiting ? error : new PermanentFailure(error.message, error.details);
  }

  private async carriedOut(): Promise<JsonObject> {
    const { action } = this;
    if (!action.change) {
      const { computing } = await this.looked();
      const waited = action.wait ? await this.waitOver(computing, Date.now()) : computing;
      return this.given(waited, false);
    }
    for (let nth = 1; ; nth++) {
      const ended = await this.once();
      if (ended !== 'conflict') return ended;
      if (nth === conflicts)
        throw new RetryableFailure(
          `${this.title} has something else changing it again and again. It is tried later.`,
        );
    }
  }

  /** Rejects with an {@link Absence} where something must be there and is not. */
  async look(): Promise<Standing> {
    const { action, looking, start } = this;
    const nothing = { marked: undefined, wanted: {}, before: {}, gone: undefined };
    let found: Json | undefined;
    try {
      found = await looking.found(action.looks, start);
    } catch (error) {
      if (!(error instanceof Absence) || error.means !== 'already') throw error;
      const computing = start.withOptional('found', undefined);
      return { ...nothing, computing, done: true, gone: error.message };
    }
    const looked = this.withFound(found);
    const { wanted, before } = compared(action.want, looked);
    const computing = action.want ? looked.with({ wanted, before }) : looked;
    const marked = action.mark && (await looking.marked(action.mark, computing));
    const asWanted = action.want !== undefined && Object.keys(wanted).length === 0;
    const already = action.already !== undefined && computing.holds(action.already);
    return { computing, done: asWanted || already, marked, wanted, before, gone: undefined };
  }

  /** What stands in the way: reasons that stop, and one to leave it. */
  refusals(computing: Computing): { stops: string[]; skip: string | undefined } {
    const holding = this.action.refuse.filter(({ when }) => computing.holds(when));
    return {
      stops: holding.filter(({ means }) => means === 'stop').map(({ says }) => computing.text(says)),
      skip: holding.filter(({ means }) => means === 'skip').map(({ says }) => computing.text(says))[0],
    };
  }

  private withFound(found: Json | undefined): Computing {
    const { looks } = this.action;
    if (looks.length === 0) return this.start;
    const [only] = looks;
    const mayLack =
      only &&
      looks.length === 1 &&
      only.as === undefined &&
      (only.absent?.means === 'empty' ||
        (only.pick !== undefined && (only.none === undefined || only.none.means === 'empty')));
    return mayLack ? this.start.withOptional('found', found) : this.start.with({ found });
  }

  private async once(): Promise<JsonObject | 'conflict'> {
    const { action, context } = this;
    const standing = await this.looked();
    const first = await context.rememberBeforeWrite(async () => ({
      before: standing.before,
      at: Date.now(),
    }));
    const started = first.at;
    const computing = action.want
      ? standing.computing.with({ before: first.before, wanted: standing.wanted })
      : standing.computing;
    const { marked } = standing;
    if (marked)
      return this.ended(
        await this.waitOver(computing.with({ made: marked.item }), started),
        marked.own,
        marked.item,
      );
    const request = await context.ownRequest.read();
    const wasSent = request.is === 'carried out' || request.is === 'unknown' || request.is === 'told';
    if (standing.done) return this.ended(await this.seenDone(computing, started), wasSent, undefined);
    const notYet =
      action.mark?.showsMs !== undefined && request.is === 'unknown'
        ? request.at + action.mark.showsMs - Date.now()
        : 0;
    if (notYet > 0)
      throw new RetryableFailure(
        `${this.title} may not show yet what an earlier attempt made.`,
        {},
        Math.min(notYet, nearMs),
      );
    // What a wait for the looks is for was asked for: it is not asked for again because they do not show it yet.
    if (request.is === 'carried out' && this.waitsForLooks() && !action.change?.take)
      return this.ended(await this.waitOver(computing, started), true, undefined);
    const { stops, skip } = this.refusals(computing);
    if (stops.length > 0) throw new PermanentFailure(stops.join(' '));
    if (skip !== undefined) return { ...this.given(computing, false), skipped: skip };
    if (action.delivery === 'at most once') {
      if (request.is === 'carried out')
        return this.ended(await this.seenDone(computing, started), true, undefined);
      if (request.is === 'unknown') await this.unknownOutcome();
    }
    const made = await this.change(computing, request.is);
    if (made === 'conflict') return 'conflict';
    if (made === 'already') return this.lookedAgain(started);
    const waited = made.value === undefined ? made.computing : made.computing.with({ made: made.value });
    return this.ended(await this.waitOver(waited, started), true, made.value);
  }

  private async looked(): Promise<Standing> {
    try {
      return await this.look();
    } catch (error) {
      throw error instanceof Absence ? error.failure() : error;
    }
  }

  /** The service says that it is done already: it must be seen to be. */
  private async lookedAgain(started: number): Promise<JsonObject> {
    const { computing, done, marked } = await this.looked();
    const request = await this.context.ownRequest.read();
    if (marked)
      return this.ended(
        await this.waitOver(computing.with({ made: marked.item }), started),
        marked.own,
        marked.item,
      );
    if (done) return this.ended(await this.seenDone(computing, started), request.is !== 'none', undefined);
    throw new RetryableFailure(`${this.title} says that it is done already, and does not show it yet.`);
  }

  /** `said` is what a script ended with, which may have been after a half of its work. */
  private async unknownOutcome(said?: string): Promise<never> {
    await this.context.ownRequest.write('told');
    const why =
      said === undefined
        ? 'and no answer came, so that its outcome is unknown'
        : `and its outcome is unknown: ${said.replace(/\.$/, '')}`;
    throw new PermanentFailure(
      `${this.action.name} was sent to ${this.title}, ${why}. It is not sent twice. Look there: if it was done, complete this step by hand; if not, retry it.`,
    );
  }

  private async change(
    standing: Computing,
    before: RequestState,
  ): Promise<{ computing: Computing; value: Json | undefined } | 'conflict' | 'already'> {
    const { action, looking, context } = this;
    const { change, mark } = action;
    if (!change) throw new Error(`${action.name} has nothing to send.`);
    const computing = await this.prepared(standing);
    const request = rendered(change.request, computing);
    await looking.signedIn();
    await context.ownRequest.write('unknown');
    const answer = await this.sent(request, before);
    const { means, failure, byRule } = looking.meaning(answer, computing);
    if (means === 'success') {
      await context.ownRequest.write('carried out');
      return this.taken(answer, computing);
    }
    if (means === 'already') return 'already';
    // What stopped a script may have come after a half of its work, unless its author says what it means.
    const isRefused = answer.ended ? byRule : answer.status < 500 && answer.status !== 408;
    if (isRefused) await context.ownRequest.write(before);
    if (means === 'conflict') return 'conflict';
    if (!isRefused && action.delivery === 'at most once')
      return this.unknownOutcome(answer.ended && failure?.message);
    if (!isRefused && mark?.lastsMs !== undefined) await this.parkIfOver(mark.lastsMs);
    throw failure ?? new PermanentFailure(`${this.title} refused it (${answer.status}).`);
  }

  /** A service that keeps the key itself keeps it so long; then nobody knows. */
  private async parkIfOver(lastsMs: number): Promise<void> {
    const { at } = await this.context.ownRequest.read();
    if (Date.now() - at > lastsMs) await this.unknownOutcome();
  }

  private async prepared(standing: Computing): Promise<Computing> {
    const { action, looking } = this;
    let found = (action.prepare.length > 0 ? standing.value('found') : undefined) as JsonObject | undefined;
    let computing = standing;
    for (const { as, request, take, type } of action.prepare) {
      const answer = await looking.answer(request, computing);
      if (!answer) continue;
      const answered = computing.withAnswer(answer);
      found = { ...found, [as]: answered.fitting(answered.value(take), type, take) };
      computing = computing.with({ found });
    }
    return computing;
  }

  private async sent(request: ReturnType<typeof rendered>, before: RequestState): Promise<Answer> {
    const { context, action, looking } = this;
    try {
      return await looking.send(request);
    } catch (error) {
      const neverLeft =
        neverSent(error) ||
        neverConnected(error) ||
        error instanceof PermanentFailure ||
        error instanceof RateLimited;
      if (neverLeft) await context.ownRequest.write(before);
      if (neverLeft || action.delivery !== 'at most once' || context.client.signal.aborted) throw error;
      return this.unknownOutcome();
    }
  }

  private async taken(
    answer: Answer,
    computing: Computing,
  ): Promise<{ computing: Computing; value: Json | undefined }> {
    const { change, confirm, mark } = this.action;
    const answered = computing.withAnswer(answer);
    let value: Json | undefined;
    if (change?.take === 'mark') value = mark && (await this.readBack(computing));
    else if (change?.take !== undefined)
      value = answered.fitting(answered.value(change.take), change.type ?? {}, change.take);
    const checked = value === undefined ? answered : answered.with({ made: value });
    for (const { that, else: otherwise } of confirm)
      if (!checked.holds(that)) throw new PermanentFailure(checked.text(otherwise));
    return { computing, value };
  }

  /** Read by its mark, patiently: the service may show it later. */
  private async readBack(computing: Computing): Promise<Json> {
    const { mark } = this.action;
    const until = Date.now() + Math.min(mark?.showsMs ?? 10_000, nearMs);
    for (;;) {
      const marked = mark && (await this.looking.marked(mark, computing));
      if (marked) return marked.item;
      if (Date.now() > until) throw new RetryableFailure(`${this.title} does not show yet what was made.`);
      await delay(1_000, this.context.client.signal);
    }
  }

  private waitsForLooks(): boolean {
    const { wait } = this.action;
    return wait !== undefined && !wait.one && !wait.list;
  }

  /** What is so already has no request of ours to wait for; only a wait for the looks themselves is gone through. */
  private seenDone(computing: Computing, started: number): Promise<Computing> {
    const { wait } = this.action;
    return wait?.one || wait?.list ? Promise.resolve(computing) : this.waitOver(computing, started);
  }

  /** With what the last look found, once it is over. Not over by the end of the attempt is no failure of the work. */
  private async waitOver(computing: Computing, started: number): Promise<Computing> {
    const { wait } = this.action;
    if (!wait) return computing;
    const began = Date.now();
    for (;;) {
      const { over, failed, said, now } = await this.lookForEnd(computing);
      if (over) return now;
      if (failed) throw new PermanentFailure(said ?? `${this.title} did not bring it to an end.`);
      if (Date.now() - started > wait.atMostMs)
        throw new PermanentFailure(
          `${this.title} has not finished within the time that ${this.action.name} waits.${said ? ` ${said}` : ''} What was asked for stands.`,
        );
      if (wait.everyMs >= nearMs || Date.now() - began > nearMs)
        throw new NotYet(`${this.title} is not done yet.`, {}, wait.everyMs);
      await delay(wait.everyMs, this.context.client.signal);
    }
  }

  private async lookForEnd(
    computing: Computing,
  ): Promise<{ over: boolean; failed: boolean; said: string | undefined; now: Computing }> {
    const { wait } = this.action;
    const { looking } = this;
    if (!wait?.one && !wait?.list) {
      const { done, computing: now } = await this.looked();
      return { over: done, failed: false, said: undefined, now };
    }
    const asked = wait.list
      ? computing.with({ items: await looking.list(wait.list, computing) })
      : await this.answered(wait.one, computing);
    const over = wait.until !== undefined && asked.holds(wait.until);
    const failed = !over && wait.fails !== undefined && asked.holds(wait.fails);
    const said = over || wait.says === undefined ? undefined : asked.text(wait.says);
    return { over, failed, said, now: computing };
  }

  private async answered(
    request: Parameters<Looking['answer']>[0] | undefined,
    computing: Computing,
  ): Promise<Computing> {
    const answer = request && (await this.looking.answer(request, computing));
    return answer ? computing.withAnswer(answer) : computing.with({ answer: undefined });
  }

  private ended(computing: Computing, did: boolean, made: Json | undefined): JsonObject {
    const { already, want, refuse } = this.action;
    const mayBeDone =
      already !== undefined || want !== undefined || refuse.some(({ means }) => means === 'skip');
    return this.given(mayBeDone ? computing.withOptional('made', made) : computing, did);
  }

  given(computing: Computing, did: boolean): JsonObject {
    const output: JsonObject = {};
    // That it fits is checked with every action's output.
    for (const [name, { value, required }] of Object.entries(this.action.give)) {
      const given = computing.value(value);
      if (given !== undefined && (given !== null || required)) output[name] = given;
    }
    if (this.action.did !== undefined) output[this.action.did] = did;
    return output;
  }
}
