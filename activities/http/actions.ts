/** Which actions this folder has: written by scripts/registries.mjs, and not by hand. */
import type { Action } from '../kit/define-action.ts';
import { get } from './get.ts';
import { request } from './request.ts';

export const actions: Action[] = [get, request];
