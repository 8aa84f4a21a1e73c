/** Believes a command once, for the run and the plan that it was signed for, and no vote that its author has changed since. */
import {
  longestOnTheWayMs,
  type Opened,
  type OpenedCommand,
  reservedName,
  unsealedReason,
} from '../plan/sealed.ts';
import type { RunStart } from './messages.ts';
import { Refusal } from './votes.ts';

/** From this version on, a run believes only what is bound to it. */
export const sealedSince = 3;

/** Takes each command once, from those who may have made it. */
export class CommandOpener {
  private readonly start: RunStart;
  private readonly run: string;
  private readonly now: () => number;
  private readonly used = new Set<string>();
  /** Person and step -> when the last vote was given. */
  private readonly lastVotes = new Map<string, number>();
  private readonly refused: (what: string, why: string) => void;

  constructor(
    start: RunStart,
    run: string,
    now: () => number,
    /** Told what is not believed, for the record. */
    refused: (what: string, why: string) => void,
  ) {
    this.start = start;
    this.run = run;
    this.now = now;
    this.refused = refused;
  }

  /** For a validator: nothing is remembered yet, and nothing old is taken. Throws a {@link Refusal}. */
  look(update: string, argument: unknown): OpenedCommand {
    try {
      const command = this.checked(update, argument);
      if (Math.abs(this.now() - command.at) > longestOnTheWayMs)
        throw refusal('it was signed more than 15 minutes before or after now by the clock of this run');
      return command;
    } catch (error) {
      if (error instanceof Refusal) this.refused(update, error.message);
      throw error;
    }
  }

  /** For a handler: what is taken is used up. Throws a {@link Refusal}. */
  take(update: string, argument: unknown): unknown {
    // Taken before anything was sealed; told again now, its validator would refuse it.
    if (this.start.engine < sealedSince && reservedName(argument) === undefined) return argument;
    const command = this.checked(update, argument);
    this.used.add(command.number);
    if (isVote(command)) this.lastVotes.set(voteKey(command), command.at);
    return command.request;
  }

  private checked(update: string, argument: unknown): OpenedCommand {
    const why = unsealedReason(argument);
    if (why !== undefined) throw refusal(why);
    if (reservedName(argument) !== '$opened') throw refusal('no gateway has signed it');
    const command = (argument as Opened).$opened;
    if (command.run !== this.run) throw refusal(`it was signed for the run ${command.run}`);
    if (command.planHash !== undefined && command.planHash !== this.start.plan.hash)
      throw refusal('it was signed for another plan');
    if (command.command !== update) throw refusal(`it was signed as ${command.command}, not as ${update}`);
    if (this.used.has(command.number)) throw refusal('it was taken before');
    if (isVote(command) && command.at < (this.lastVotes.get(voteKey(command)) ?? 0))
      throw refusal(`${command.person} has voted again since`);
    return command;
  }
}

function isVote({ command }: OpenedCommand): boolean {
  return command === 'vote';
}

function voteKey({ person, step, occasion }: OpenedCommand): string {
  return JSON.stringify([person, step ?? '', occasion ?? '']);
}

function refusal(why: string): Refusal {
  return new Refusal('NotSealed', `The run does not believe this: ${why}. Nothing was changed.`);
}
