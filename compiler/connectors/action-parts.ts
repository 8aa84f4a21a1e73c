import type { DeclaredAction } from '../../plan/declared.ts';

/** What an action does, without what it is called and what follows from the rest. */
export type ActionParts = Omit<
  DeclaredAction,
  'name' | 'effect' | 'input' | 'sensitiveInputs' | 'delivery' | 'undo'
>;
