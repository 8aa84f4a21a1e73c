/** The engine's own activities in a simulated history: who is asked is found out as in production, and nobody is sent a mail. */
import { ApplicationFailure } from '@temporalio/common';
import { engineActivities as activitiesOf, type EngineActivity } from '../../activities/engine/activities.ts';
import { Calendars } from '../../organisation/calendars.ts';
import type { Roles } from '../../organisation/people.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { type CheckInputsInput, engineActivities } from '../../workflows/engine-activities.ts';
import { CallFailure } from '../../workflows/port.ts';
import { minute } from './directory.ts';

/** How long a member has to object to a vote that was entered for them. */
export const objectionMs = 60 * minute;

const calendars = new Calendars({ calendars: {}, timezone: 'UTC', read: () => '' });

/** Those that are asked as in production; all others say nothing of interest. */
const asked: readonly string[] = [
  engineActivities.openGate,
  engineActivities.escalateGate,
  engineActivities.voteRecorded,
  engineActivities.openTask,
  engineActivities.chaseTask,
];

export class EngineWorld {
  private readonly activities: Record<string, EngineActivity>;

  constructor(roles: Roles) {
    this.activities = activitiesOf({
      roles: () => roles,
      calendars: () => calendars,
      objection: () => ({ ms: objectionMs }),
      tell: async () => {},
    });
  }

  async answer(activity: string, input: Json, run: string, step: string): Promise<Json> {
    if (activity === engineActivities.checkInputs) return checkInputs(input as unknown as CheckInputsInput);
    if (!asked.includes(activity)) return {};
    try {
      return (await this.activities[activity]?.(input, { run, runbook: run, step })) ?? {};
    } catch (error) {
      if (!(error instanceof ApplicationFailure)) throw error;
      throw new CallFailure({ type: error.type ?? 'PermanentFailure', message: error.message });
    }
  }
}

/** As at the door, without a schema's whole language: filled in, refused by its pattern, sealed. */
function checkInputs({ inputs: wanted, given }: CheckInputsInput): Json {
  const inputs: JsonObject = { ...given };
  for (const [name, { schema, default: usual, sensitive }] of Object.entries(wanted)) {
    if (inputs[name] === undefined && usual !== undefined) inputs[name] = usual;
    const value = inputs[name];
    const { pattern } = schema as { pattern?: string };
    if (pattern !== undefined && typeof value === 'string' && !new RegExp(pattern).test(value))
      throw new CallFailure({
        type: 'PermanentFailure',
        message: `"${name}" does not match ${pattern}`,
      });
    if (sensitive && typeof value === 'string') inputs[name] = { $sealed: `sealed ${value}` };
  }
  return { inputs };
}
