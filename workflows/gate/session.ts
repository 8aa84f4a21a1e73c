/**
 * An approval that was asked for in this run, from its opening to the run's end. It has a revision: whatever changes what it covers,
 * shows or asks bumps it in that very instant, and every vote on an earlier one is void. No I/O: telling people is done beside it.
 *
 * Closed with an approval it can be asked again: a change by hand of what it covers is a proposal, not in force before those who
 * signed have signed old and new. Refused or late the proposal falls, and what was signed stays.
 */
import { canonicalJson } from '../../plan/canonical-json.ts';
import { defined } from '../../plan/defined.ts';
import type { ApproveStep, JsonObject } from '../../plan/plan.ts';
import { failureOf } from '../failures.ts';
import { type Cover, type HandChange, type Reach, touching } from '../hands.ts';
import { type Occasion, stepKey } from '../occasion.ts';
import type { Proposal } from '../proposals.ts';
import { barredFrom } from '../separation.ts';
import type { OpenGate } from '../state.ts';
import {
  type Barred,
  decide,
  type GateOutcome,
  Refusal,
  type Standing,
  seatsLeft,
  standing,
} from '../votes.ts';
import { isBehind } from './behind.ts';
import { shownBy } from './shown.ts';

export class GateSession {
  readonly gate: OpenGate;
  readonly step: ApproveStep;
  readonly cover: Cover;
  occasion: Occasion;
  /** It was approved once: from then on only proposals are decided, and the approval stands. */
  approvedBefore = false;
  /** What the votes decided is acted on. */
  concluded = false;
  /** Who was named when it was last approved; a value typed since names nobody. */
  signedBy: string[] | undefined;
  /** Of which revision the warrant that is in force says that it stands. */
  warranted: number | undefined;
  /** It is being put on paper what became of a proposal. */
  issuing = false;
  /** Somebody beside the step waits for the votes. */
  settling = false;
  /** Something that the waiting depends on is another than when it began to wait. */
  nudged = false;
  /** To whom it has been taken when nobody answered or too few could: first whom the runbook names, then the last resort. */
  escalations = 0;
  /** Ids of the messages with which it was taken further. */
  laterNotices: string[] = [];
  /** Who is asked instead of whom the runbook names, as the owner said: about what changes from then on, too. */
  instead: string[] | undefined;
  /** The how-manieth time it is asked for: votes of an earlier time are no answer, though it showed the same. */
  time = 1;
  /** Of the run that called this one: it stands before all that is done here. */
  carried = false;
  /** What they filled in who approved it. */
  signedForm: JsonObject | undefined;
  /** By person, the values because of which they were asked again: theirs are others. */
  readonly askedAgain = new Map<string, string>();

  private asked: readonly Proposal[] = [];
  private decided: Standing | undefined;

  /** The content of the revision that people are asked about, or are about to be. */
  private watched = '';

  constructor(step: ApproveStep, occasion: Occasion, cover: Cover, title: string) {
    this.step = step;
    this.occasion = occasion;
    this.cover = cover;
    this.gate = {
      step: stepKey(step, occasion),
      title,
      openedAt: occasion.port.now(),
      revision: 1,
      approvers: [],
      needed: 1,
      shown: {},
      hash: '',
      ...defined({
        form: step.form as JsonObject | undefined,
        required: step.form && Object.keys(step.form).filter((field) => !step.optional?.includes(field)),
      }),
      votes: [],
    };
  }

  /** What those who signed are asked to countersign. The gate shows it from the instant in which it was made. */
  get proposals(): readonly Proposal[] {
    return this.asked;
  }

  set proposals(proposals: readonly Proposal[]) {
    this.asked = proposals;
    if (proposals.length === 0) delete this.gate.proposals;
    else this.gate.proposals = proposals.map((proposal) => proposal.view());
  }

  get isOpen(): boolean {
    return this.gate.outcome === undefined;
  }

  /** Approved, and not asked again at the moment. */
  get isSigned(): boolean {
    return this.approvedBefore;
  }

  shownNow(): JsonObject {
    const { step, occasion, gate } = this;
    const more = {
      cover: this.cover,
      hands: this.hands(),
      revision: gate.revision ?? 1,
      time: this.time,
      proposals: this.proposals.map((proposal) => proposal.view()),
      ...defined({ filledIn: this.signedForm }),
    };
    try {
      return shownBy(step, occasion, more);
    } catch (error) {
      // What was signed may name what a later round has not given yet: it is shown as it was signed.
      if (!this.approvedBefore || !failureOf(error)) throw error;
      const { show: _, ...withoutShow } = step;
      return { ...shownBy(withoutShow, occasion, more), show: gate.shown.show ?? {} };
    }
  }

  /** What people are shown is this from now on: anything else is another revision. */
  watch(): void {
    this.watched = this.content();
  }

  /** What cannot be shown any more is another content too: whoever asks people about it hears why. */
  private content(): string {
    try {
      const { revision: _, ...shown } = this.shownNow();
      return canonicalJson(shown);
    } catch (error) {
      const failure = failureOf(error);
      if (!failure) throw error;
      return failure.message;
    }
  }

  /** Behind it stand steps that may read nothing at all. */
  private get reach(): Reach {
    const { cover, step, occasion } = this;
    const { plan } = occasion.run.start;
    return { cover, hasBehind: (id) => isBehind(plan, step.id, id) };
  }

  hands(): HandChange[] {
    return touching(this.occasion.run.state.hands, this.reach);
  }

  barred(): Barred {
    const { start, state } = this.occasion.run;
    const barred = new Map(barredFrom(start, state, { except: this.gate.except, reach: this.reach }));
    for (const { by } of this.proposals) barred.set(by, 'proposed this change');
    return barred;
  }

  /** After anything changed by hand: is this still what people were shown? */
  refresh(): void {
    // Decided by a vote of this very moment, and nothing was done on it yet: what comes now voids it all the same.
    const inEffect = this.concluded || this.gate.outcome !== 'approved';
    if ((!this.isOpen && inEffect) || this.content() === this.watched) return;
    delete this.gate.outcome;
    this.bump();
  }

  private bump(): void {
    const { gate, occasion } = this;
    const voided = gate.votes.length;
    gate.revision = (gate.revision ?? 1) + 1;
    const asked = gate.hash !== '';
    gate.hash = '';
    gate.votes = [];
    this.askedAgain.clear();
    if (occasion.run.start.engine >= 4) delete gate.unmet;
    this.watch();
    // Before people were asked the first time there is nothing to be void.
    if (asked)
      occasion.run.state.record('gate.voided', gate.step, { votes: voided, revision: gate.revision });
  }

  /** Those who signed are asked about the proposal too. A later one joins an earlier: it voids its votes and moves no deadline. */
  reopen(proposal: Proposal): void {
    const { gate, occasion } = this;
    this.proposals = [...this.proposals, proposal];
    if (this.isOpen) {
      this.bump();
      return;
    }
    delete gate.outcome;
    // What was filled in is signed: whoever is asked about a change is shown it.
    delete gate.form;
    delete gate.required;
    delete gate.deadline;
    delete gate.remindAt;
    this.escalations = 0;
    this.laterNotices = [];
    gate.openedAt = occasion.port.now();
    gate.votes = [];
    gate.hash = '';
    gate.revision = (gate.revision ?? 1) + 1;
    this.watch();
    occasion.run.state.record('gate.reopened', gate.step, { by: proposal.by, revision: gate.revision });
  }

  /** The proposal is not to be decided any more: it fell elsewhere, or was withdrawn. */
  drop(proposal: Proposal): void {
    if (!this.proposals.includes(proposal)) return;
    this.proposals = this.proposals.filter((other) => other !== proposal);
    // Also where the approval itself is to be given anew: whoever waits beside the steps for this to be settled need not.
    if (!this.isOpen || !(this.approvedBefore || this.settling)) return;
    if (this.proposals.length === 0) this.gate.outcome = 'approved';
    else this.bump();
  }

  /** By the votes as they stand. Votes of people barred since, and recorded ones to which there is time to object, do not count. */
  decideNow(): void {
    const outcome = this.decision();
    if (!outcome) return;
    this.gate.outcome = outcome;
    // A vote from a meeting that begins to count later changes nothing of it.
    this.decided = this.standing();
  }

  standing(): Standing {
    return standing(this.gate, this.counting());
  }

  /** As it decided; where it was decided otherwise than by votes, as they stand. */
  decidedBy(): Standing {
    return this.step.form && this.decided ? this.decided : this.standing();
  }

  /** What is to be signed afterwards is not decided while some of it is under way. */
  decision(): GateOutcome | undefined {
    const { gate, step } = this;
    if (!this.isOpen || gate.hash === '') return undefined;
    const outcome = decide(gate, this.counting());
    return outcome && step.retroactive && this.isCallUnderWay() ? undefined : outcome;
  }

  private isCallUnderWay(): boolean {
    const { start, state } = this.occasion.run;
    if (start.engine < 4) return false;
    return [...state.steps].some(
      ([key, { kind, status }]) =>
        kind === 'action' && status === 'running' && isBehind(start.plan, this.step.id, idOf(key)),
    );
  }

  counting(): { barred: Barred; now: number } {
    const { run, port } = this.occasion;
    return run.start.engine < 3
      ? { barred: new Map(), now: Number.POSITIVE_INFINITY }
      : { barred: this.barred(), now: port.now() };
  }

  /** Too few of those who are asked could still approve, though nobody refused. */
  isUnmet(): boolean {
    const { gate } = this;
    if (!this.isOpen || gate.hash === '' || this.occasion.run.start.engine < 3) return false;
    return seatsLeft(gate, this.barred()) - standing(gate, this.counting()).rejections < gate.needed;
  }

  /** When a vote that was entered from a meeting begins to count. */
  nextCount(): number | undefined {
    const { now } = this.counting();
    const later = this.gate.votes.flatMap(({ recorded }) =>
      recorded?.countsFrom !== undefined && recorded.countsFrom > now ? [recorded.countsFrom] : [],
    );
    return later.length > 0 ? Math.min(...later) : undefined;
  }

  /** Asks others of those whom the gate or the configuration names. Votes of those who stay asked keep counting. */
  reassign(from: readonly string[]): string[] {
    const { gate } = this;
    const people = [...new Set(from.flatMap((name) => gate.roles?.[name] ?? [name.toLowerCase()]))];
    const eligible = new Set([...(gate.eligible ?? []), ...gate.approvers]);
    const strangers = people.filter((person) => !eligible.has(person));
    if (strangers.length > 0)
      throw new Refusal(
        'NotAllowed',
        `${strangers.join(', ')} cannot be asked to sign "${gate.title}": neither the approval nor the configuration names them for it. These can be: ${[...eligible].sort().join(', ')}.`,
      );
    const barred = this.barred();
    const available = people.filter((person) => !barred.has(person));
    if (available.length < gate.needed)
      throw new Refusal(
        'NotAllowed',
        `"${gate.title}" needs ${gate.needed} ${gate.needed === 1 ? 'signature' : 'signatures'}, and of these only ${available.join(', ') || 'nobody'} may sign. Name more people.`,
      );
    const added = available.filter((person) => !gate.approvers.includes(person));
    gate.approvers = available;
    this.instead = available;
    return added;
  }
}

/** Of a step's key, which has the item behind it. */
function idOf(key: string): string {
  return key.replace(/\[.*$/, '');
}

export function rejectionReason(gate: OpenGate): string {
  if (gate.outcome === 'expired') return `"${gate.title}" was not decided in time`;
  const rejection = gate.votes.findLast((vote) => vote.decision === 'reject');
  const comment = rejection?.comment ? `: ${rejection.comment}` : '';
  return `"${gate.title}" was refused by ${rejection?.principal.id ?? 'nobody'}${comment}`;
}
