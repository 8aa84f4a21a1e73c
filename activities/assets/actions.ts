/** Which actions this folder has: written by scripts/registries.mjs, and not by hand. */
import type { Action } from '../kit/define-action.ts';
import { checkIn } from './check-in.ts';
import { checkOut } from './check-out.ts';
import { create } from './create.ts';
import { find } from './find.ts';
import { listExpiring } from './list-expiring.ts';
import { listOf } from './list-of.ts';
import { setDetails } from './set-details.ts';
import { setStatus } from './set-status.ts';

export const actions: Action[] = [
  checkIn,
  checkOut,
  create,
  find,
  listExpiring,
  listOf,
  setDetails,
  setStatus,
];
