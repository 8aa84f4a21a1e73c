/** Which actions this folder has: written by scripts/registries.mjs, and not by hand. */
import type { Action } from '../kit/define-action.ts';
import { addRecord } from './add-record.ts';
import { findRecords } from './find-records.ts';
import { removeRecord } from './remove-record.ts';
import { setRecords } from './set-records.ts';

export const actions: Action[] = [addRecord, findRecords, removeRecord, setRecords];
