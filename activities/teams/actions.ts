/** Which actions this folder has: written by scripts/registries.mjs, and not by hand. */
import type { Action } from '../kit/define-action.ts';
import { post } from './post.ts';

export const actions: Action[] = [post];
