/** `runbook`: another runbook as a run of its own. */
import { code, paragraph } from '../document.ts';
import type { StepBase, Template } from '../values.ts';
import { given, givenList } from './action.ts';
import { text } from './schemas.ts';
import type { StepDescription } from './step-kind.ts';

export interface RunbookStep extends StepBase {
  kind: 'runbook';
  runbook: string;
  /** The hash of the called runbook's plan, so that a run stays what was compiled. */
  planHash: string;
  with: Record<string, Template>;
}

export const runbook = {
  rank: 10,
  key: 'runbook',
  words: 'a called runbook',
  tag: 'runbook',
  required: ['runbook'],
  keys: {
    runbook: text('Name of the runbook to run.'),
    with: { type: 'object', description: 'Its inputs.' },
  },
  example: `- runbook: send-welcome`,
  inside: [],
  flow: 'call',
  picture: 'call',
  // The called run waits by itself.
  waitsFor: () => 'nothing',
  title: (step) => `Another procedure: ${step.runbook}`,
  does: (step) => [`runs ${step.runbook}`],
  details: (step) => [`runbook ${step.runbook}`],
  sentences: (step, tell) => [
    paragraph('Follow the procedure ', code(step.runbook), given(step.with).length > 0 ? ', with:' : '.'),
    ...givenList(step.with, tell),
  ],
} satisfies StepDescription<RunbookStep>;
