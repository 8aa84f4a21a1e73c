/** Which actions this folder has: written by scripts/registries.mjs, and not by hand. */
import type { Action } from '../kit/define-action.ts';
import { checkIn } from './check-in.ts';
import { checkOut } from './check-out.ts';
import { create } from './create.ts';
import { find } from './find.ts';
import { listOf } from './list-of.ts';

export const actions: Action[] = [checkIn, checkOut, create, find, listOf];
