/** Which actions this folder has: written by scripts/registries.mjs, and not by hand. */
import type { Action } from '../kit/define-action.ts';
import { share } from './share.ts';
import { unshare } from './unshare.ts';

export const actions: Action[] = [share, unshare];
