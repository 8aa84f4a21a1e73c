/**
 * The engine's own activities, of which a run asks what it needs from outside besides the connectors' actions, and what goes
 * into them and comes out.
 */
import type { JsonObject } from '../compiler/plan.ts';
import type { Preview, Principal } from './messages.ts';

export const engineActivities = {
  openGate: 'countersign.openGate',
  remindGate: 'countersign.remindGate',
  escalateGate: 'countersign.escalateGate',
  tellOwner: 'countersign.tellOwner',
  openTask: 'countersign.openTask',
  moment: 'countersign.moment',
  window: 'countersign.window',
} as const;

/** A moment that takes a calendar or a time zone to compute. */
export type MomentInput =
  | { after: { ms: number } | { businessDays: number }; from: number }
  /** A date (its midnight) or a local date and time, in the organisation's time zone or the one behind it in brackets. */
  | { text: string };

export interface MomentResult {
  at: number;
}

export interface OpenTaskInput {
  step: string;
  title: string;
  runbookTitle: string;
  to: string[];
  instructions: string;
  within?: { ms: number } | { businessDays: number };
  openedAt: number;
}

export interface OpenTaskResult {
  people: string[];
  deadline?: number;
}

export interface WindowInput {
  calendar: string;
  freeze: string[];
  needsMs: number;
  now: number;
}

/** When the next window with enough time opens (in the past when it is open now) and closes, and why not before. */
export interface WindowResult {
  opensAt: number;
  closesAt: number;
  name: string;
  frozenBy?: string;
}

export interface OpenGateInput {
  step: string;
  title: string;
  runbookTitle: string;
  owner: string;
  requester: Principal;
  from: string[];
  quorum: number | 'majority' | 'all';
  within?: { ms: number } | { businessDays: number };
  remind?: { ms: number } | { businessDays: number };
  escalate?: string;
  shown: JsonObject;
  /** Who may not sign, whatever their role. */
  barred: string[];
  /** Who may not sign here, as the runbook names them. */
  except?: string[];
  /** Workflow time at which the gate opened. */
  openedAt: number;
}

export interface OpenGateResult {
  approvers: string[];
  /** Who may not sign here, resolved to people. */
  except?: string[];
  needed: number;
  hash: string;
  deadline?: number;
  remindAt?: number;
  /** Who was asked instead of whom, since they are away. */
  standIns?: Record<string, string>;
  recorders?: string[];
  preview?: Preview;
}

export interface EscalateGateResult {
  /** People added to the approvers. */
  approvers: string[];
  deadline?: number;
}
