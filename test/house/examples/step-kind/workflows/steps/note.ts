/** A note: its text becomes the step's output, and so stands in the journal. */
import { evaluateText } from '../expressions.ts';
import type { Runner } from './runner.ts';

export const runNote: Runner<'note'> = async (step, { variables }) => ({
  output: { text: evaluateText(step.note, variables) },
});
