/** What an expression can see from where it stands. */
import type { ASTNode } from '@marcbachmann/cel-js';
import type { StepKind } from '../../plan/plan.ts';
import type { SourceRange } from '../source/source-file.ts';
import type { Type } from './types.ts';

/** What is known of a step that later expressions may use. */
export interface StepInfo {
  id: string;
  kind: StepKind;
  /** Line of the step, from 1. */
  line: number;
  /** Conditions that must have held for it to run, as canonical text. */
  guards: readonly string[];
  output?: Type | undefined;
  /** Why the output may be absent though the step ran. */
  outputMayLack?: string | undefined;
  approversMayLack?: string | undefined;
  statuses: readonly string[];
  /** Ids of the steps around it, outermost first. */
  containers: readonly string[];
}

export type StepProblem =
  | { kind: 'unknown'; known: string[] }
  | { kind: 'unnamed'; line: number }
  | { kind: 'later' | 'branch' | 'else'; line: number }
  | { kind: 'self' }
  | { kind: 'inner'; line: number; container: string };

export type FoundStep =
  | { info: StepInfo /** Why it may not have run. */; maybe?: string }
  | { problem: StepProblem };

export interface LetEntry {
  name: string;
  source: string;
  ast: ASTNode;
  /** It cannot be read, which is said where it is defined; meanwhile the name stands for anything. */
  broken?: true;
}

export interface Scope {
  /** Roots other than `steps` and `secrets`: inputs, run, ticket, organisation, items. */
  names: ReadonlyMap<string, Type>;
  lets: ReadonlyMap<string, LetEntry>;
  /** There are no steps to name: a connector. */
  readonly stepless?: boolean;
  /** Paths that a condition around has shown to be present, such as `inputs.phone`. */
  facts: ReadonlySet<string>;
  findStep(id: string): FoundStep;
  stepNames(): string[];
  /** Where names under `let` are looked at by themselves; what is wrong there is said there. Absent where there are none. */
  atLets?: Scope | undefined;
  /** A later expression relies on this step's result. */
  need(info: StepInfo): void;
  useTicket(): void;
  useInput(name: string): void;
}

export interface ExpressionRange extends SourceRange {
  /** Offsets count in the expression's source. */
  start: number;
}
