/**
 * How what people say reaches a run: signed once by a gateway, at once or late. Somebody who has all of Temporal and no keys keeps
 * what went by, and sends some of it again.
 */
import type { Opened } from '../../plan/sealed.ts';
import { CommandOpener } from '../../workflows/command-opener.ts';
import type { UpdateName, VoteRequest } from '../../workflows/messages.ts';
import type { Run } from '../../workflows/run.ts';
import { Refusal } from '../../workflows/votes.ts';
import type { Dice } from './dice.ts';
import { minute } from './directory.ts';
import type { Life, Lives } from './lives.ts';
import type { SimulatedWorld } from './world.ts';

interface Message {
  life: Life;
  update: UpdateName;
  argument: Opened;
}

export class Messages {
  /** What became of what was said, one line each, for whoever reads a failing history. */
  readonly did: string[] = [];
  private readonly kept: Message[] = [];
  private readonly openers = new WeakMap<Run, CommandOpener>();
  private readonly taken = new Set<string>();
  private count = 0;
  private readonly dice: Dice;
  private readonly world: SimulatedWorld;
  private readonly lives: Lives;

  constructor(dice: Dice, world: SimulatedWorld, lives: Lives) {
    this.dice = dice;
    this.world = world;
    this.lives = lives;
  }

  /** True when the run took it. */
  tell(run: Run, update: UpdateName, request: object): boolean {
    return this.deliver(this.signed(run, update, request));
  }

  /** As `tell`, or some minutes later, after others that were said since. */
  send(run: Run, update: UpdateName, request: object): void {
    const message = this.signed(run, update, request);
    if (this.dice.chance(0.85)) this.deliver(message);
    else this.world.clock.personally(this.dice.whole(1, 20) * minute, () => this.deliver(message));
  }

  /** What somebody else kept, word for word. */
  again(): void {
    const votes = this.kept.filter(({ update }) => update === 'vote');
    const from = (this.dice.chance(0.7) ? votes : this.kept).slice(-6);
    if (from.length > 0) this.deliver(this.dice.pick(from));
  }

  private signed(run: Run, update: UpdateName, request: object): Message {
    this.count += 1;
    const { principal, recorded, step, hash } = request as Partial<VoteRequest>;
    const argument = {
      $opened: {
        run: run.id,
        planHash: run.start.plan.hash,
        command: update,
        person: (recorded?.for ?? principal?.id ?? 'countersign').toLowerCase(),
        at: this.world.clock.now(),
        number: String(this.count),
        key: 'gateway',
        request: structuredClone(request) as never,
        ...(step === undefined ? {} : { step }),
        ...(hash === undefined ? {} : { hash }),
      },
    };
    const message = { life: this.lives.of(run), update, argument };
    this.kept.push(message);
    return message;
  }

  private deliver({ life, update, argument }: Message): boolean {
    const { run } = life;
    const { number, request } = argument.$opened;
    try {
      const asked = this.openerOf(run).look(update, argument).request;
      run.commands.handlers()[update].check(structuredClone(asked) as never);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return false;
    }
    let taken = false;
    // Once it is let in it is part of what came to the run, whatever the run says to it.
    life.past.happens(() => {
      taken = this.take(life.run, update, argument);
    });
    if (!taken) return false;
    const n = this.world.tick();
    const again = this.taken.has(number);
    this.taken.add(number);
    this.did.push(`${n} ${run.id} ${update}${again ? ' (once more)' : ''} ${JSON.stringify(request)}`);
    // Given once, whoever brought it first.
    if (update === 'vote' && !again) this.noteVote(n, run, argument);
    return true;
  }

  private take(run: Run, update: UpdateName, argument: Opened): boolean {
    try {
      const request = this.openerOf(run).take(update, argument);
      run.commands.handlers()[update].act(structuredClone(request) as never);
      return true;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return false;
    }
  }

  private noteVote(n: number, run: Run, { $opened: { at, request } }: Opened): void {
    const { step, principal, decision, hash, recorded, form } = request as unknown as VoteRequest;
    this.world.votes.push({
      n,
      run: this.world.nameOf(run.id),
      step,
      by: recorded?.for ?? principal.id,
      decision,
      hash,
      given: at,
      ...(recorded ? { recordedBy: principal.id } : {}),
      ...(form ? { form } : {}),
    });
  }

  private openerOf(run: Run): CommandOpener {
    const known = this.openers.get(run);
    if (known) return known;
    const opener = new CommandOpener(
      run.start,
      run.id,
      () => this.lives.of(run).past.now(),
      () => {},
    );
    this.openers.set(run, opener);
    return opener;
  }
}
