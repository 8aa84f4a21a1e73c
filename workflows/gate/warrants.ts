/** Asks for the warrant of an approval when it is given, and says that one stands when what was proposed under it fell. */
import { defined } from '../../plan/defined.ts';
import type { Json } from '../../plan/plan.ts';
import type { IssueWarrantInput, IssueWarrantResult } from '../../plan/warrant.ts';
import { engineActivities } from '../engine-activities.ts';
import { failureOf } from '../failures.ts';
import { warrantsSince } from '../named-warrants.ts';
import type { Port } from '../port.ts';
import { defaultRetry, defaultTimeoutMs } from '../steps/action.ts';
import type { GateSession } from './session.ts';

/** That the database is away holds an approval up, and asks nobody again. */
const issuing = { ...defaultRetry, attempts: 100 };

/** After an approval was given, before anything behind it is begun. Rejects when the records do not say so. */
export async function issueWarrant(session: GateSession, by: string[], port: Port): Promise<void> {
  const { gate, step, occasion } = session;
  if (occasion.run.start.engine < warrantsSince) return;
  const input: IssueWarrantInput = defined({
    step: gate.step,
    round: occasion.round,
    revision: gate.revision ?? 1,
    hash: gate.hash,
    by,
    retroactive: step.retroactive,
    carried: session.carried ? (true as const) : undefined,
    // What is countersigned has no form of its own.
    form: gate.form && session.signedForm,
  });
  const { name } = await ask(session, input, port);
  session.warranted = input.revision;
  if (name !== undefined && !session.carried)
    occasion.run.warrants.set(gate.step, { item: occasion.item, name });
}

/** What was proposed fell, and people had been asked about it: steps that were held may be begun as it was signed. */
export async function letStand(session: GateSession, port: Port): Promise<void> {
  const { gate, occasion } = session;
  if (occasion.run.start.engine < warrantsSince || session.carried || session.warranted === gate.revision)
    return;
  session.warranted = gate.revision;
  const input = { step: gate.step, round: occasion.round, revision: gate.revision ?? 1, hash: gate.hash };
  try {
    await ask(session, input, port);
  } catch (error) {
    if (!failureOf(error)) throw error;
    // A step that reads what was proposed parks, and says so.
    session.warranted = undefined;
  }
}

async function ask({ gate }: GateSession, input: IssueWarrantInput, port: Port): Promise<IssueWarrantResult> {
  const answer = await port.call(engineActivities.issueWarrant, input as unknown as Json, {
    step: gate.step,
    summary: `Warrant: ${gate.title}`,
    timeoutMs: defaultTimeoutMs,
    retry: issuing,
  });
  return (answer ?? {}) as IssueWarrantResult;
}
