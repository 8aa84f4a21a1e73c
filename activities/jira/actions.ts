/** Which actions this folder has: written by scripts/registries.mjs, and not by hand. */
import type { Action } from '../kit/define-action.ts';
import { comment } from './comment.ts';
import { transition } from './transition.ts';

export const actions: Action[] = [comment, transition];
