/** Which actions this folder has: written by scripts/registries.mjs, and not by hand. */
import type { Action } from '../kit/define-action.ts';
import { release } from './release.ts';
import { reserve } from './reserve.ts';

export const actions: Action[] = [release, reserve];
