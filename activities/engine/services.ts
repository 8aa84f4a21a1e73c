/** What the engine's own activities need, and how they tell people something. */

import type { Calendars } from '../../organisation/calendars.ts';
import type { Delegation } from '../../organisation/delegations.ts';
import type { Roles } from '../../organisation/people.ts';
import { defined } from '../../plan/defined.ts';
import type { About } from '../../plan/message.ts';
import type { CallContext, Duration, JsonObject } from '../../plan/plan.ts';
import type { AskedPaper, IssueWarrantInput, SystemParts } from '../../plan/warrant.ts';
import type { Seal } from '../../vault/seal.ts';
import type { StartScheduledInput, StartScheduledResult } from '../../workflows/engine-activities.ts';
import type { Preview } from '../../workflows/messages.ts';
import type { Lists } from '../kit/kept-lists.ts';
import type { MembersOf } from './group-roles.ts';

/** A message to people; sent at least once, with the same id at every try. */
export interface Notice {
  id: string;
  to: string[];
  subject: string;
  text: string;
  /** By which it gets its ticket, its link and its deadline when it is sent. */
  about?: About;
}

export interface EngineServices {
  /** The roles as they are now: who is asked is decided when the gate opens. */
  roles(): Roles;
  /** Whom people named themselves to stand in for them. Without it, only the configuration names anybody. */
  delegations?(): Promise<readonly Delegation[]>;
  /** Who is in an Entra group, for roles that name one. Without it such a role has only the people it lists. */
  membersOf?: MembersOf;
  /** Whether a message has been sent. Without it, what is told is sent at once. */
  wasSent?(notice: string): Promise<boolean>;
  /** Whether the beginning of this call of a run is on record. Without it, each counts as begun. */
  wasBegun?(run: string, call: string): Promise<boolean>;
  /** Items of lists that are kept beside a run. */
  lists?: Pick<Lists, 'some'>;
  /** Seals the sensitive inputs of called runbooks. */
  seal?: Seal;
  /** The run that seems to be live under this workflow id, by the list of runs. */
  liveRun?(workflowId: string): Promise<string | undefined>;
  /** Starts the run that a schedule's firing is for. Rejects while that cannot be done. */
  startScheduled?(input: StartScheduledInput): Promise<StartScheduledResult>;
  /** Windows, freezes and holidays as they are now. */
  calendars(): Calendars;
  tell(notice: Notice, signal?: AbortSignal): Promise<void>;
  /** How long a member has to object to a vote that was entered for them. */
  objection?(): Duration | undefined;
  /** What the steps that this approval opens would do; undefined where that cannot be found out. */
  preview?(call: CallContext): Promise<Preview | undefined>;
  /** By connector, the systems on which the steps behind the approval of this key act. */
  systemsBehind?(call: CallContext, gate: string): Promise<Record<string, SystemParts>>;
  /** Puts on record whom the engine asks and tells. Rejects when that is not possible now. */
  record?(record: EngineRecord): Promise<void>;
  /** Without it no warrants are issued, and calls name none. */
  warrants?: WarrantOffice;
}

export interface EngineRecord {
  call: CallContext;
  kind: 'gate.opened' | 'gate.escalated' | 'people.told';
  step: string;
  data: JsonObject;
  /** What people are shown, where they are asked. */
  paper?: Omit<AskedPaper, 'run' | 'gate' | 'opened' | 'kind'>;
}

/** Issues warrants from the records of the run that calls. */
export interface WarrantOffice {
  /** Gives the name by which calls name it. Rejects where the records do not say that it was signed. */
  issue(call: CallContext, input: IssueWarrantInput): Promise<string>;
  /** What was proposed fell. */
  stands(run: string, gate: string): Promise<void>;
}

export interface Told extends Notice {
  step: string;
  /** `ask`, `remind`, `parked`: what it is, on record. */
  what: string;
  /** Of those who are asked only as stand-ins now: with whom they have one vote. */
  seats?: Record<string, string>;
}

/** What could not be recorded is told all the same: a second try would tell it twice. */
export async function tell(
  call: CallContext,
  services: EngineServices,
  { step, what, seats, ...notice }: Told,
): Promise<void> {
  await services.tell(notice);
  const data = { what, to: notice.to, ...defined({ seats }) };
  await services.record?.({ call, kind: 'people.told', step, data }).catch(() => {});
}

/** One message an occasion: the same id at every try of the same, another one for the next round, item or revision. */
export function noticeId(
  call: CallContext,
  what: string,
  more: (string | number | undefined)[] = [],
): string {
  return [call.run, call.step + (call.item ?? ''), what, ...more.filter((each) => each !== undefined)].join(
    '.',
  );
}

/** Making one takes longer than all else that asking somebody takes. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** `Friday 16 January 2026 at 17:00 CET`: whoever reads it may be in another zone. */
export function localTime(ms: number, timezone: string): string {
  const format =
    formats.get(timezone) ??
    new Intl.DateTimeFormat('en-GB', {
      weekday: 'long',
      day: 'numeric',
      month: 'long',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      timeZoneName: 'short',
      timeZone: timezone,
    });
  formats.set(timezone, format);
  return format.format(ms);
}
