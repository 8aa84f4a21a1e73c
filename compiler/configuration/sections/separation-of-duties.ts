/** `separationOfDuties`: who else may not sign in a run, besides whoever asked for it or changed its inputs. */
import { type Around, readList, type Section } from '../section.ts';

type Duty = 'author' | 'operator';

export const separationOfDuties = {
  rank: 10,
  schema: {
    type: 'array',
    items: { enum: ['author', 'operator'] },
    description:
      'Who else may not sign in a run, besides whoever asked for it or changed its inputs: the author (who last changed the runbook in git), an operator (who retried, skipped or completed steps of the run).',
  },
  read: (node, around: Around) => readList(node, around) as Duty[],
} satisfies Section<Duty[]>;
