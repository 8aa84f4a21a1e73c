/** Which actions this folder has: written by scripts/registries.mjs, and not by hand. */
import type { Action } from '../kit/define-action.ts';
import { check } from './check.ts';
import { run } from './run.ts';

export const actions: Action[] = [check, run];
