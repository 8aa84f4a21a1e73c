/**
 * What an approver asked before signing, what other inputs they suggested, and what was answered: from the audit record, where all of it
 * is kept.
 */
import { defined } from '../plan/defined.ts';
import type { Json, JsonObject } from '../plan/values.ts';
import { enumeratedText, plainText } from './plain-text.ts';

/** Of an audit record what is read here. */
export interface RecordedQuestion {
  kind: string;
  step?: string;
  data: JsonObject;
  seq?: number;
  at?: string;
  actor?: string;
}

export interface AnswerTold {
  by: string;
  at: number;
  text: string;
}

/** Another value of an input, and the one that stood when it was suggested. */
export interface Suggested {
  input: string;
  /** `null` where it had none. */
  before: Json;
  after: Json;
}

export type Became = 'accepted' | 'declined';

export interface QuestionTold {
  /** Number of its record. */
  id: number;
  by: string;
  at: number;
  text: string;
  /** Of the gate, when it was asked. */
  revision?: number;
  /** Who was asked to answer. */
  to: string[];
  answers: AnswerTold[];
  /** Other inputs that were suggested with it. */
  instead?: Suggested[];
  /** Of a suggestion that was answered. */
  became?: Became;
  /** Of an accepted one: inputs that are not changed before those who signed them have signed again. */
  proposed?: string[];
}

/** In the order in which they were asked. */
export function questionsIn(step: string, records: readonly RecordedQuestion[]): QuestionTold[] {
  const questions: QuestionTold[] = [];
  for (const record of records) {
    if (record.step !== step) continue;
    if (record.kind === 'question.asked') questions.push(questionOf(record));
    const asked = questions.find(({ id }) => id === record.data.question);
    if (record.kind !== 'question.answered' || !asked) continue;
    asked.answers.push(saidIn(record));
    const { became } = record.data;
    if (became === 'accepted' || became === 'declined') asked.became = became;
    if (Array.isArray(record.data.proposed)) asked.proposed = record.data.proposed.map(String);
  }
  return questions;
}

function questionOf(record: RecordedQuestion): QuestionTold {
  const { revision, to, instead } = record.data;
  return {
    id: record.seq ?? 0,
    ...saidIn(record),
    ...defined({ revision: typeof revision === 'number' ? revision : undefined }),
    to: Array.isArray(to) ? to.map(String) : [],
    answers: [],
    ...defined({ instead: Array.isArray(instead) ? (instead as unknown as Suggested[]) : undefined }),
  };
}

function saidIn({ actor = '', at = '', data }: RecordedQuestion): AnswerTold {
  return { by: actor, at: Date.parse(at), text: String(data.text ?? '') };
}

/** `starts: 2026-12-01T18:00:00Z instead of 2026-11-30T18:00:00Z`, a line each. */
export function suggestedLines(instead: readonly Suggested[]): string[] {
  return instead.map(
    ({ input, before, after }) => `${input}: ${plainText(after)} instead of ${plainText(before)}`,
  );
}

/** What accepting it did: an input that an earlier signature covers is not changed by it, and nobody is to read that it is. */
export function acceptedText(instead: readonly Suggested[], proposed: readonly string[] = []): string {
  if (proposed.length === 0) return 'The inputs are changed, and people are asked again.';
  const changed = instead.map(({ input }) => input).filter((input) => !proposed.includes(input));
  const waits = `${enumeratedText(proposed)} ${proposed.length === 1 ? 'is' : 'are'} not changed yet: that waits for those who signed it.`;
  if (changed.length === 0) return waits;
  return `${enumeratedText(changed)} ${changed.length === 1 ? 'is' : 'are'} changed, and people are asked again. ${waits}`;
}
