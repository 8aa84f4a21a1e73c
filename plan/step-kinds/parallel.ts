/** `parallel`: branches that run at the same time. */
import { list, paragraph, strong } from '../document.ts';
import { spaced } from '../durations-and-quorums.ts';
import type { StepBase } from '../values.ts';
import { steps } from './schemas.ts';
import type { AnyStep, StepDescription } from './step-kind.ts';

export interface ParallelStep<Inner> extends StepBase {
  kind: 'parallel';
  branches: Record<string, Inner[]>;
}

export const parallel = {
  rank: 6,
  key: 'parallel',
  words: 'a parallel',
  tag: 'at once',
  required: ['parallel'],
  keys: {
    parallel: {
      type: 'object',
      minProperties: 1,
      additionalProperties: steps('The steps of this branch, in order.'),
      description: 'Branches that run at the same time, each with a name.',
    },
  },
  example: `- parallel:
    mail:
      - id: inside1
        uses: entra.getUser
        with: { user: m.roth@example.com }
    laptop:
      - id: inside2
        uses: entra.getUser
        with: { user: c.kim@example.com }`,
  inside: [{ keys: ['parallel'], field: 'branches', named: true }],
  flow: 'branches',
  picture: 'frame',
  waitsFor: () => 'nothing',
  title: () => 'At the same time',
  does: () => ['at the same time'],
  sentences: (step, tell) => [
    paragraph('All of these at the same time:'),
    list(
      Object.entries(step.branches).map(([name, branch], index) => [
        paragraph(strong(spaced(name))),
        tell.inside(branch, String.fromCharCode(97 + (index % 26))),
      ]),
    ),
  ],
} satisfies StepDescription<ParallelStep<AnyStep>>;
