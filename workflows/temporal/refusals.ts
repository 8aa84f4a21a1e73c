/** Tells the worker what was not believed, for the record. Costs no history, and is not told again in a replay. */
import { proxySinks, type Sinks } from '@temporalio/workflow';

export interface Refused {
  /** The Update, `start`, or the activity whose answer it was. */
  what: string;
  step?: string;
  why: string;
}

export interface RefusalSinks extends Sinks {
  refusals: { note(refused: Refused): void };
}

const { refusals } = proxySinks<RefusalSinks>();

export function noteRefusal(refused: Refused): void {
  refusals.note(refused);
}
