import { defined } from '../../plan/defined.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';

/** What came back of one request, or of one run of a script. */
export interface Answer {
  /** Of a script: 200 when it ended well, else 500. */
  status: number;
  headers: Record<string, string>;
  body: Json | undefined;
  /** Of a script alone. */
  ended?: ScriptEnded;
}

export interface ScriptEnded {
  exit: number;
  /** The type of the error that stopped it, as PowerShell names it. */
  error?: string | undefined;
  /** What it said last, where it did not end well. */
  message?: string | undefined;
}

/** As expressions see it. Headers are many, and few expressions ask for one. */
export function answerValue(
  { status, body, ended }: Omit<Answer, 'headers'>,
  headers?: Answer['headers'],
): Json {
  const value: JsonObject = ended ? (defined({ ...ended }) as JsonObject) : { status };
  if (headers && !ended) value.headers = headers;
  if (body !== undefined) value.body = body;
  return value;
}
