/** Which actions this folder has: written by scripts/registries.mjs, and not by hand. */
import type { Action } from '../kit/define-action.ts';
import { cancelOrder } from './cancel-order.ts';
import { chase } from './chase.ts';
import { order } from './order.ts';
import { requestQuote } from './request-quote.ts';

export const actions: Action[] = [cancelOrder, chase, order, requestQuote];
