/** What plans are made of: JSON, templates, lengths of time, and what every step has. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };
export type JsonSchema = JsonObject;

/** Source text of a CEL expression, without the `${{ }}` around it. */
export type Cel = string;

/**
 * JSON in which these one-key objects stand for a value computed when the run gets there:
 * `{ $expr: CEL }` is the expression's value, `{ $text: [ … ] }` is its parts joined to one text,
 * `{ $secret: NAME }` is a reference that only an activity resolves.
 */
export type Template = Json;

/** A length of time: exact, or counted in business days of a calendar. */
export type Duration = { ms: number } | { businessDays: number };

/** One that the run computes: what the expressions give is text such as `3 business days`. */
export type ComputedLength = { $expr: Cel } | { $text: Template[] };

export type Length = Duration | ComputedLength;

export interface Retry {
  attempts: number;
  firstMs: number;
  factor: number;
  maxMs: number;
}

export type Effect = 'read' | 'write' | 'destructive';

export interface ActionCall {
  uses: string;
  with: Template;
}

export interface Undo extends ActionCall {
  /** Only then is there anything to take back. Asked when the step would be taken back, of what it gave. */
  if?: Cel;
}

/**
 * What its author lets a change by hand of a covered value do: take effect at once (`free`), or at once with the signature
 * owed as for a retroactive approval (`afterwards`). Without it the change waits for those who signed.
 */
export type Amend = 'free' | 'afterwards';

export interface StepBase {
  /** The author's id, or one made from the step's place (`step3`, `laptop1`). Unique in the plan. */
  id: string;
  title?: string;
  if?: Cel;
  onError?: 'continue' | 'abort';
  /** Of its output and status, when a person completes, retries with other input or skips it. */
  amend?: Amend;
  /** A later expression relies on this step's output, so an operator may complete it by hand but not skip it. */
  needed?: true;
}

/** How many of those asked must sign. */
export type Quorum = number | 'majority' | 'all';
