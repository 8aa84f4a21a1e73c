/** The engine's own activities: asking people, reminding them, telling the owner, and what takes a calendar to compute. */
import { ApplicationFailure } from '@temporalio/common';
import { withDelegations } from '../../organisation/delegations.ts';
import { zonedMoment } from '../../organisation/local-time.ts';
import { resolvePeople } from '../../organisation/people.ts';
import { defined } from '../../plan/defined.ts';
import type { MomentInput, MomentResult, WindowInput } from '../../plan/organisation.ts';
import type { CallContext, Json } from '../../plan/plan.ts';
import type { IssueWarrantInput, IssueWarrantResult } from '../../plan/warrant.ts';
import {
  type ChaseTaskInput,
  type CheckInputsInput,
  engineActivities as names,
  type OpenGateInput,
  type OpenTaskInput,
  type ProposalFellInput,
  type ReadListInput,
  type ReadListResult,
  type StartScheduledInput,
  type WasBegunInput,
  type WasBegunResult,
  type WasToldInput,
  type WasToldResult,
} from '../../workflows/engine-activities.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { checkInputs } from './called-inputs.ts';
import { type GateNotice, rolesIn } from './gate-words.ts';
import {
  type EscalateInput,
  escalateGate,
  openGate,
  proposalFell,
  type RecordedVote,
  remindGate,
  voteRecorded,
} from './gates.ts';
import { rolesWithGroups } from './group-roles.ts';
import { type EngineServices, noticeId, tell } from './services.ts';
import { chaseTask, openTask } from './tasks.ts';

interface OwnerNotice {
  owner: string;
  runbookTitle: string;
  step: string;
  title: string;
  message: string;
  /** When it parked: each time is told anew. */
  since?: number;
}

export type EngineActivity = (input: Json, call: CallContext) => Promise<Json>;

export function engineActivities(services: EngineServices): Record<string, EngineActivity> {
  const activities: Record<string, (input: never, call: CallContext) => Promise<unknown>> = {
    [names.openGate]: async (input: OpenGateInput, call) =>
      openGate(input, call, await withGroups(input, services)),
    [names.remindGate]: async (input: GateNotice, call) =>
      remindGate(input, call, await withGroups(input, services)),
    [names.escalateGate]: async (input: EscalateInput, call) =>
      escalateGate(input, call, await withGroups(input, services)),
    [names.wasTold]: async (input: WasToldInput) => wasTold(input, services),
    [names.wasBegun]: async (input: WasBegunInput, { run }): Promise<WasBegunResult> => ({
      begun: (await services.wasBegun?.(run, input.call)) ?? true,
    }),
    [names.proposalFell]: async (input: ProposalFellInput, call) =>
      proposalFell(input, call, await withGroups(input, services)),
    [names.voteRecorded]: async (input: RecordedVote, call) => voteRecorded(input, call, services),
    [names.issueWarrant]: (input: IssueWarrantInput, call) => issueWarrant(input, call, services),
    [names.tellOwner]: async (input: OwnerNotice, call) =>
      tellOwner(input, call, await withGroups(input, services)),
    [names.openTask]: async (input: OpenTaskInput, call) =>
      openTask(input, call, await withGroups(input, services)),
    [names.chaseTask]: async (input: ChaseTaskInput, call) =>
      chaseTask(input, call, await withGroups(input, services)),
    [names.checkInputs]: async (input: CheckInputsInput) => checkInputs(input, services),
    [names.startScheduled]: async (input: StartScheduledInput) => {
      if (!services.startScheduled) throw new Error('no run can be started here');
      return services.startScheduled(input);
    },
    [names.moment]: (input: MomentInput) => moment(input, services),
    [names.readList]: (input: ReadListInput) => readList(input, services),
    [names.window]: async (input: WindowInput) => services.calendars().window(input),
  };
  return Object.fromEntries(
    Object.entries(activities).map(([name, work]) => [name, withoutStack(work as unknown as EngineActivity)]),
  );
}

/** The services with the roles as they are at this moment, groups and stand-ins included: who is asked is one and the same throughout. */
async function withGroups(input: object, services: EngineServices): Promise<EngineServices> {
  const configured = await rolesWithGroups(services.roles(), input as Json, services.membersOf);
  const roles = withDelegations(configured, (await services.delegations?.()) ?? []);
  return { ...services, roles: () => roles };
}

/** What fails for good is told to people, in Temporal's own pages too: without where in our code it was found out. */
function withoutStack(work: EngineActivity): EngineActivity {
  return async (input, call) => {
    try {
      return await work(input, call);
    } catch (error) {
      if (error instanceof ApplicationFailure) error.stack = `${error.type}: ${error.message}`;
      throw error;
    }
  };
}

async function readList({ list, items }: ReadListInput, { lists }: EngineServices): Promise<ReadListResult> {
  if (!lists) throw new Error('no list can be read here');
  try {
    return { items: await lists.some(list, items) };
  } catch (error) {
    if (!(error instanceof PermanentFailure)) throw error;
    throw ApplicationFailure.nonRetryable(error.message, 'PermanentFailure');
  }
}

async function wasTold(
  { notice, others = [] }: WasToldInput,
  { wasSent }: EngineServices,
): Promise<WasToldResult> {
  if (!wasSent) return { told: true };
  for (const each of [notice, ...others]) if (await wasSent(each)) return { told: true };
  return { told: false };
}

async function issueWarrant(
  input: IssueWarrantInput,
  call: CallContext,
  { warrants }: EngineServices,
): Promise<IssueWarrantResult> {
  if (!warrants) return {};
  if (input.by) return { name: await warrants.issue(call, input) };
  await warrants.stands(call.run, input.step);
  return {};
}

async function tellOwner(input: OwnerNotice, call: CallContext, services: EngineServices): Promise<null> {
  const commands = [
    `Look at it:  countersign show ${call.run}`,
    `Try again:   countersign retry ${call.run} ${input.step}`,
  ];
  await tell(call, services, {
    step: input.step,
    what: 'parked',
    about: {
      page: 'run',
      id: call.run,
      step: input.step,
      commands,
      ...defined({ roles: rolesIn([input.owner]) }),
    },
    id: noticeId(call, 'parked', [input.since]),
    to: resolvePeople([input.owner], services.roles()),
    subject: `Needs you: ${input.title} (${input.runbookTitle})`,
    text: [
      `Step "${input.title}" failed and waits for you. What was done before it is kept.`,
      '',
      input.message,
      '',
      ...commands,
    ].join('\n'),
  });
  return null;
}

async function moment(input: MomentInput, services: EngineServices): Promise<MomentResult> {
  if ('after' in input) return { at: services.calendars().after(input.from, input.after) };
  const at = zonedMoment(input.text, services.calendars().timezone);
  if (at !== undefined) return { at };
  throw ApplicationFailure.nonRetryable(
    `"${input.text}" is neither a date (2026-01-31) nor a time (2026-01-31T09:00, with another time zone 2026-01-31T09:00[Europe/Lisbon]), so nothing can wait for it.`,
    'PermanentFailure',
  );
}
