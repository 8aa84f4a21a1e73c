/** What a reader of one kind of step is given, and what it gives back. */
import type { Step, StepKind } from '../../plan/plan.ts';
import type { Type } from '../expressions/types.ts';
import type { Reading } from '../scope/reading.ts';
import type { MapNode, Node } from '../source/tree.ts';

export type Own<K extends StepKind> = Omit<
  Extract<Step, { kind: K }>,
  'id' | 'title' | 'if' | 'onError' | 'amend' | 'needed' | 'kind'
>;

/** What a reader found: the kind's own part of the plan's step, and what later expressions may use of it. */
export interface Found<K extends StepKind> {
  step: Own<K>;
  output?: Type | undefined;
  outputMayLack?: string | undefined;
  approversMayLack?: string | undefined;
  statuses?: string[] | undefined;
}

export interface StepReading {
  /** What the step's own values see: everything before it, and what its `if` shows. */
  reading: Reading;
  /** The same without what the step's `if` shows, for what runs when it is false. */
  outer: Reading;
  id: string;
  node: MapNode;
  onError: 'continue' | 'abort' | undefined;
  /** Reads a list of steps inside this one. */
  readSteps: (node: Node | undefined, where: string, reading: Reading) => Step[];
}

export type Reader<K extends StepKind> = (step: StepReading) => Found<K> | undefined;
