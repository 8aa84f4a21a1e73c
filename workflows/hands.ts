/**
 * What people changed by hand in a run: an input amended, a step completed or skipped, an input edited for a retry, a task reported
 * by somebody who was not asked. Whoever signs is shown it, and whoever did it does not sign what it is covered by.
 */
import { covers } from '../plan/leaf-paths.ts';
import type { Json } from '../plan/plan.ts';

export interface HandChange {
  /** `inputs.manager`, `steps.find.output`; of an edited retry `steps.disable.with`. */
  path: string;
  by: string;
  at: number;
  before?: Json;
  after?: Json;
  /** Whoever did it was asked to: it is no change, and they do not sign for it all the same. */
  asked?: true;
  /** The step that was tried again with another input: what it gives is by the same hand. */
  edited?: string;
}

/** The leaves that signatures stand for; `everything` in a run that another one called behind its approvals. */
export type Cover = readonly { path: string; readers: readonly string[] }[] | 'everything';

export function isCovered(cover: Cover, path: string): boolean {
  return cover === 'everything' || cover.some((leaf) => covers(leaf.path, path));
}

/** What a signature stands for: its leaves, and the steps behind it, whatever they read. */
export interface Reach {
  cover: Cover;
  hasBehind?(step: string): boolean;
}

export function touching(
  hands: readonly HandChange[],
  { cover, hasBehind = () => false }: Reach,
): HandChange[] {
  return hands.filter(
    ({ path, edited }) =>
      isCovered(cover, path) ||
      (edited !== undefined && (isCovered(cover, `steps.${edited}`) || hasBehind(edited))),
  );
}

/** Every text in what was typed: whoever is named by one of these alone does not sign. */
export function textsTyped(hands: readonly HandChange[]): Set<string> {
  const texts = new Set<string>();
  const visit = (value: Json | undefined): void => {
    if (typeof value === 'string') texts.add(value.toLowerCase());
    else if (value !== null && typeof value === 'object')
      for (const item of Object.values(value)) visit(item);
  };
  for (const { after } of hands) visit(after);
  return texts;
}
