/**
 * What one kind of step is, said once: how it is written, what stands inside it, what it does to the flow, whether it waits,
 * and how it is told. The compiler's schema and gate analysis, the pictures, the procedure, the command line and the console
 * read it here. The file of a kind holds its description and its form in the plan; `registry.ts` is generated of them.
 */
import type { Block, Inline } from '../document.ts';
import type { Cel, JsonSchema, StepBase, Template } from '../values.ts';

export interface AnyStep extends StepBase {
  kind: string;
}

/**
 * What a step does to the flow around it:
 * - `work` does something and goes on; `gate` asks for signatures; `call` runs another runbook; `end` ends the run;
 * - `branches` does all of its lists at the same time; `choice` one of two; `body` its one list, in a frame of its own.
 */
export type StepFlow = 'work' | 'gate' | 'call' | 'end' | 'branches' | 'choice' | 'body';

/** How pictures show it. */
export type StepPicture = 'work' | 'signature' | 'hand' | 'pause' | 'call' | 'end' | 'frame';

/** What a run waits for in it, beside the time that its work takes. */
export type WaitsFor = 'nothing' | 'time' | 'people' | 'event' | 'window';

/** A list of steps inside a step. */
export interface InnerSteps {
  /** The keys that lead to it in a runbook. */
  keys: readonly string[];
  /** Its field in the plan. */
  field: string;
  /** Several lists, each under a name. */
  named?: true;
  /** What tells it from the step's first list, in paths and in pictures. */
  token?: string;
}

/** What a description may ask of whoever tells a plan in sentences. */
export interface Telling {
  /** The title of an action. */
  action(uses: string): string;
  /** Those who are asked. */
  person(template: Template): Inline[];
  value(template: Template): Inline[];
  expression(source: Cel): Inline[];
  condition(source: Cel): Inline[];
  /** Steps inside this one, numbered under its own number with `suffix`. */
  inside(steps: readonly AnyStep[], suffix?: string): Block;
}

export interface StepDescription<S extends AnyStep> {
  /** Its place among the kinds, as people learn them. A kind whose key other kinds have too comes last. */
  rank: number;
  /** The key by which the kind is known. */
  key: string;
  /** In a coordinator's words, with the article. */
  words: string;
  /** The same of one that gives nothing, where others of its kind do. */
  wordsWithoutOutput?: string;
  /** A short word beside a step's title, where that is not plain from what it does. */
  tag?: string;
  keys: Record<string, JsonSchema>;
  required: string[];
  /** One such step as a runbook writes it. Each list in it has one step, whose id begins with `inside`. */
  example: string;
  inside: readonly InnerSteps[];
  flow: StepFlow;
  picture: StepPicture;
  waitsFor(step: S): WaitsFor;
  /** Whether what was signed inside is signed for what follows too. Only of a `body`; a list that may be cut short is not. */
  holdsAfter?(step: S): boolean;
  /** Stands for a title that its author did not give. */
  title(step: S, action: Telling['action']): string;
  /** What it does, in a few words. */
  does(step: S): Inline[];
  /** What a person would do in its place. */
  sentences(step: S, tell: Telling): Block[];
  /** Small print in a picture. */
  details?(step: S): string[];
}
