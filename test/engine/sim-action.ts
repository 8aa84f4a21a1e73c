/** The one action of generated plans, the same on both ports: what it answers hangs on its step alone, and on how often it was tried. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json, JsonObject } from '../../plan/plan.ts';

/** A call as the worker writes it down. */
export interface SimCall {
  run: string;
  workflow: string;
  step: string;
  item: string;
  action: string;
  /** The same at every attempt of one call. */
  id: string;
  input: Json;
  /** It has not been answered yet. */
  begun?: true;
}

/** Of a generated plan and all that it calls: `s7`, `s7.called1`. */
export function simLog(folder: string, runbook: string): string {
  return join(folder, `${runbook.replace(/\..*/, '')}.calls`);
}

export function simCalls(folder: string, runbook: string): SimCall[] {
  const file = simLog(folder, runbook);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as SimCall);
}

/** What it is told to do. */
export interface Told {
  /** So many of its first calls for this step and item fail for good. */
  fail: number;
  /** How long it takes. */
  ms?: number;
  /** It is under way until its run was called off, and for its time after that. */
  untilAbort?: true;
}

/** Says of a plan that its run was called off. */
export function abortedMark(folder: string, runbook: string): string {
  return `${simLog(folder, runbook)}.aborted`;
}

export function toldIn(input: Json): Told {
  return ((input as JsonObject | null)?.told as unknown as Told | undefined) ?? { fail: 0 };
}

/** `before`: how many calls for the same step and item were answered already. */
export function simAnswer(
  input: Json,
  { step, item, before }: { step: string; item: string; before: number },
): { fails: string } | { output: JsonObject } {
  if (before < toldIn(input).fail) return { fails: `try ${before + 1} fails` };
  // The last number is the round of the innermost repeat.
  const turn = Number(/\.(\d+)(?:[~#].*)?$/.exec(item)?.[1] ?? 1);
  return { output: { id: step + item, value: `v-${step}`, turn } };
}

/** One line a call, to be compared. */
export function callText(call: {
  within: string;
  step: string;
  item: string;
  action: string;
  input: Json;
}): string {
  const { told: _, ...input } = (call.input ?? {}) as JsonObject;
  return `${call.within} ${call.action} ${call.step}${call.item} ${JSON.stringify(input)}`;
}
