/** `policies`: rules that every runbook must keep. */
import { type Policy, readPolicies } from '../../rules/policies.ts';
import { object, text } from '../../schema/parts.ts';
import type { Around, Section } from '../section.ts';

const policy = object(
  {
    name: text('What it is called in messages.'),
    description: text('Why it is there.'),
    for: text(
      'Which steps or runbooks it is about: an expression with `step` and `runbook`, such as step.effect == "destructive". Without it, all.',
    ),
    rule: text(
      'What must be true: an expression with `step` (asked for each step), `steps` and `runbook`. A step has id, title, kind, action, effect, runbook, part, undo, reads, gates and afterwards; what it reads has path, source (input, ticket, step, event or task) and amend (none, free or afterwards); a gate has id, title, signers, quorum, rule and escalatesTo.',
    ),
    message: text('What its author is told.'),
  },
  ['rule'],
  'A rule that every runbook must keep.',
);

export const policies = {
  rank: 9,
  schema: { type: 'array', items: policy, description: 'Rules for runbooks.' },
  expressions: true,
  read: (node, around: Around) => readPolicies(node, around.reporter),
} satisfies Section<Policy[]>;
