/** Which actions this folder has: written by scripts/registries.mjs, and not by hand. */
import type { Action } from '../kit/define-action.ts';
import { attach } from './attach.ts';
import { comment } from './comment.ts';
import { getTicket } from './get-ticket.ts';
import { setState } from './set-state.ts';
import { workNote } from './work-note.ts';

export const actions: Action[] = [attach, comment, getTicket, setState, workNote];
