/** What an approver asked before signing, and what was answered: from the audit record, where both are kept. */
import { defined } from '../plan/defined.ts';
import type { JsonObject } from '../plan/values.ts';

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
}

/** In the order in which they were asked. */
export function questionsIn(step: string, records: readonly RecordedQuestion[]): QuestionTold[] {
  const questions: QuestionTold[] = [];
  for (const record of records) {
    if (record.step !== step) continue;
    if (record.kind === 'question.asked') questions.push(questionOf(record));
    if (record.kind === 'question.answered')
      questions.find(({ id }) => id === record.data.question)?.answers.push(saidIn(record));
  }
  return questions;
}

function questionOf(record: RecordedQuestion): QuestionTold {
  const { revision, to } = record.data;
  return {
    id: record.seq ?? 0,
    ...saidIn(record),
    ...defined({ revision: typeof revision === 'number' ? revision : undefined }),
    to: Array.isArray(to) ? to.map(String) : [],
    answers: [],
  };
}

function saidIn({ actor = '', at = '', data }: RecordedQuestion): AnswerTold {
  return { by: actor, at: Date.parse(at), text: String(data.text ?? '') };
}
