/** Waits until a gate is decided. Reminding and escalating go on beside it: no vote ever waits for a message to be sent. */
import { canonicalJson } from '../../plan/canonical-json.ts';
import { failureOf } from '../failures.ts';
import type { Vote } from '../messages.ts';
import type { Standing } from '../votes.ts';
import {
  askAgain,
  askFurtherAgain,
  askPeople,
  escalate,
  nextToAsk,
  nobodyWasTold,
  remind,
  tellRecorded,
} from './ask.ts';
import type { GateSession } from './session.ts';

export async function waitForVotes(session: GateSession): Promise<void> {
  const { gate, occasion } = session;
  const old = occasion.run.start.engine < 3;
  for (;;) {
    if (!session.isOpen) return;
    if (gate.hash === '') {
      await askPeople(session);
      askFurtherAgain(session);
      session.decideNow();
      continue;
    }
    const { port } = session.occasion;
    await port.waitFor(() => isDue(session), msToWake(session));
    session.nudged = false;
    if (!session.isOpen) return;
    if (gate.hash === '') continue;
    if (wasHeldUp(session)) {
      session.decideNow();
    } else if (gate.reassignedTo) {
      const from = gate.reassignedTo;
      delete gate.reassignedTo;
      await askPeople(session, from);
      session.decideNow();
    } else if (tellsRecorded(session)) {
      // Counted from the moment that its member had time to object.
    } else if (asksAgain(session)) {
      // Whose values are others learns why their approval does not count.
    } else if (gate.deadline !== undefined && port.now() >= gate.deadline) {
      if (!old && (await nobodyWasTold(session))) continue;
      const to = nextToAsk(session);
      if (to === undefined) {
        gate.outcome = 'expired';
        return;
      }
      session.escalations += 1;
      if (old) await escalate(session, to);
      else if (!(await escalateBeside(session, to))) gate.deadline = port.now();
    } else if (gate.remindAt !== undefined && port.now() >= gate.remindAt) {
      delete gate.remindAt;
      const reminding = remind(session);
      if (old) await reminding;
      else reminding.catch(() => {});
    } else if (session.isUnmet()) await takeFurther(session);
    else session.decideNow();
  }
}

/** The votes had decided while something was under way, and that has ended. */
function wasHeldUp(session: GateSession): boolean {
  const { start } = session.occasion.run;
  return session.step.retroactive === true && start.engine >= 4 && session.decision() !== undefined;
}

function isDue(session: GateSession): boolean {
  const { gate } = session;
  return (
    gate.outcome !== undefined ||
    session.nudged ||
    gate.hash === '' ||
    gate.reassignedTo !== undefined ||
    gate.votes.some(isToBeTold) ||
    toAskAgain(session).people.length > 0 ||
    wasHeldUp(session) ||
    (session.isUnmet() && !gate.unmet)
  );
}

function isToBeTold({ recorded }: Vote): boolean {
  return recorded !== undefined && recorded.countsFrom === undefined && !recorded.telling && !recorded.untold;
}

/** Who approved with other values than the newest, and has not been told of these. */
function toAskAgain(session: GateSession): { people: string[]; values: string; standing?: Standing } {
  if (!session.gate.form) return { people: [], values: '' };
  const standing = session.standing();
  const values = canonicalJson(standing.form ?? {});
  const { askedAgain } = session;
  return {
    people: standing.differing.filter((person) => askedAgain.get(person) !== values),
    values,
    standing,
  };
}

/** True when there was somebody to ask again. That they cannot be told keeps nobody from signing. */
function asksAgain(session: GateSession): boolean {
  const { people, values, standing } = toAskAgain(session);
  if (people.length === 0 || !standing) return false;
  const { askedAgain, gate, occasion } = session;
  for (const person of [...askedAgain.keys()])
    if (!standing.differing.includes(person)) askedAgain.delete(person);
  for (const person of people) askedAgain.set(person, values);
  const newest = { by: standing.filledInBy ?? '', form: standing.form ?? {} };
  occasion.run.state.record('gate.differs', gate.step, { people, ...newest });
  askAgain(session, people, newest).catch((error) => {
    if (!failureOf(error) && !occasion.port.isCancel(error)) throw error;
  });
  return true;
}

function msToWake(session: GateSession): number | undefined {
  const { gate, occasion } = session;
  const wake = Math.min(
    gate.remindAt ?? Number.POSITIVE_INFINITY,
    gate.deadline ?? Number.POSITIVE_INFINITY,
    session.nextCount() ?? Number.POSITIVE_INFINITY,
  );
  return Number.isFinite(wake) ? Math.max(0, wake - occasion.port.now()) : undefined;
}

/** Begins to tell each member whose vote somebody entered. True when there was one to tell. */
function tellsRecorded(session: GateSession): boolean {
  let any = false;
  for (const vote of session.gate.votes) {
    const { recorded } = vote;
    if (!recorded || !isToBeTold(vote)) continue;
    any = true;
    recorded.telling = true;
    tellRecorded(session, vote).then(
      () => {
        delete recorded.telling;
        session.nudged = true;
      },
      (error) => {
        if (!failureOf(error) && !session.occasion.port.isCancel(error)) throw error;
        delete recorded.telling;
        recorded.untold = true;
      },
    );
  }
  return any;
}

/** Too few can still approve: those who come next are asked at once, and where nobody is left it says so. */
async function takeFurther(session: GateSession): Promise<void> {
  const { gate, occasion } = session;
  const to = nextToAsk(session);
  if (to === undefined) {
    gate.unmet = true;
    occasion.run.state.record('gate.unmet', gate.step, { needed: gate.needed });
    return;
  }
  session.escalations += 1;
  await escalateBeside(session, to);
}

/** Votes count while it is under way. False when nobody could be asked. */
async function escalateBeside(session: GateSession, to: string): Promise<boolean> {
  const { gate, occasion } = session;
  let done: boolean | undefined;
  escalate(session, to).then(
    () => {
      done = true;
    },
    (error) => {
      if (!failureOf(error) && !occasion.port.isCancel(error)) throw error;
      done = false;
    },
  );
  await session.occasion.port.waitFor(() => done !== undefined || !session.isOpen || gate.hash === '');
  return done ?? true;
}
