/** One of the procedures, played from its ticket to its end. */
import type { JsonObject } from '../../../plan/plan.ts';
import type { Effect } from '../../../sandbox/effects.ts';
import type { Delivery, Stage } from '../stage.ts';

export type Answer =
  | { signs: string[]; comment?: string }
  /** What a task's form says. */
  | { reports: JsonObject; as: string };

export interface Expected {
  what: string;
  system: string;
  effect: string;
  subject?: string;
  count: number;
  /** Which of those effects are the run's. */
  where?: (effect: Effect) => boolean;
}

export interface Scenario {
  runbook: string;
  /** Who opened the ticket, what they want, and what starts the run. */
  story: string;
  system: 'jira' | 'servicenow';
  /** Somebody moves the ticket: what its system then sends. */
  begin(stage: Stage): Promise<Delivery>;
  /** By step: who signs, or who reports what. */
  answers: Record<string, Answer>;
  /** The worker and the Temporal server are killed when these steps begin. */
  kills: { worker: string; temporal: string };
  expected: Expected[];
}

/** Mails that the run itself sends, and not those by which Countersign asks and tells people. */
export function sentByRunbook(effect: Effect): boolean {
  const { mail } = effect.detail as { mail: { subject: string } };
  return !/^(Please (sign|do)|Still waiting|Nobody answered|Needs you|Started|Done|Refused|Cancelled|Not done)/.test(
    mail.subject,
  );
}

/** The ticket says once how it went, and is moved to Done once. */
export function jiraTicketDone(ticket: string): Expected[] {
  return [
    { what: 'comment on the ticket', system: 'jira', effect: 'comment.added', subject: ticket, count: 1 },
    {
      what: 'ticket moved to Done',
      system: 'jira',
      effect: 'issue.transitioned',
      subject: ticket,
      count: 1,
      where: ({ detail }) => detail?.to === 'Done',
    },
  ];
}
