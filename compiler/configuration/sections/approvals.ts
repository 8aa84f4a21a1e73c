/** `approvals`: what holds for the approvals of all runbooks. */
import { defined } from '../../../plan/defined.ts';
import { parseDuration, repairDuration } from '../../../plan/lexical.ts';
import type { Duration } from '../../../plan/plan.ts';
import * as forms from '../../diagnostics/registry/forms.ts';
import { object, text } from '../../schema/parts.ts';
import { childOf, textOf } from '../../source/tree.ts';
import type { Around, Section } from '../section.ts';

export interface ApprovalSettings {
  /** `role:NAME` or an address: asked when nobody else is left who could sign. */
  lastResort?: string;
  /** How long members have to object to a vote that was entered for them. */
  objection: Duration;
}

const usual: Duration = { businessDays: 1 };

export const approvals = {
  rank: 10,
  schema: object(
    {
      lastResort: text(
        'Who is asked when an approval can no longer be given by those whom the runbook names, and nobody is left to escalate to: role:NAME or an e-mail address.',
      ),
      objection: text(
        'How long people have to object to a vote that was entered for them from the minutes of a meeting: 1 business day, unless said.',
      ),
    },
    [],
    'What holds for the approvals of all runbooks.',
  ),
  check(node, around: Around) {
    const lastResort = childOf(node, 'lastResort');
    if (lastResort) around.checkPerson(lastResort, '`lastResort`');
    const objection = childOf(node, 'objection');
    const value = textOf(objection);
    if (!objection || value === undefined || parseDuration(value)) return;
    around.reporter.report(
      forms.badDuration,
      objection,
      { where: '`objection`', value },
      { suggestion: repairDuration(value) },
    );
  },
  read: (node) => ({
    ...defined({ lastResort: node && textOf(childOf(node, 'lastResort')) }),
    objection: parseDuration((node && textOf(childOf(node, 'objection'))) ?? '') ?? usual,
  }),
} satisfies Section<ApprovalSettings>;
