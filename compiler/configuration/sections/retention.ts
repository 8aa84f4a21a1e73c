/** `retention`: how long finished runs and what belongs to them are kept. */
import { defined } from '../../../plan/defined.ts';
import { badRetention } from '../../diagnostics/registry/configuration.ts';
import { nearest } from '../../diagnostics/suggest.ts';
import { named, object, text } from '../../schema/parts.ts';
import { kinds } from '../../schema/runbook.ts';
import { childOf, type Node, textOf } from '../../source/tree.ts';
import type { Around, Section } from '../section.ts';

/** Ages as PostgreSQL reads them: `7 years`. What is absent is kept for good. */
export interface KeptFor {
  runs?: string;
  journals?: string;
}

export interface RetentionSettings extends KeptFor {
  deliveries?: string;
  messages?: string;
  /** Kind of runbook -> what holds for it instead. */
  kinds: Record<string, KeptFor>;
}

const form = /^([1-9]\d{0,3}) (day|week|month|year)s?$/;
const inDays: Record<string, number> = { day: 1, week: 7, month: 30.44, year: 365.25 };
/** Of a run the ticket system may still send something, and Temporal still has it. */
const fewestDays = 7;

const age = (description: string) => ({ ...text(description), pattern: form.source });
const ofRuns = {
  runs: age('How long a run stays listed after its end, such as 7 years. Its records of evidence stay.'),
  journals: age('How long its journal and what people were shown stay after its end, where that is shorter.'),
};

export const retention = {
  rank: 17,
  schema: object(
    {
      ...ofRuns,
      deliveries: age('How long what ticket systems sent is kept after it was handled.'),
      messages: age('How long messages to people are kept after they were sent.'),
      kinds: named(
        object(ofRuns, [], 'What holds for this kind.'),
        'What holds for the runbooks of one kind instead.',
      ),
    },
    [],
    'How long finished runs and what belongs to them are kept: for good, unless said. Of kinds of runbooks and of what they left.',
  ),
  check(node, around: Around) {
    checkAges(node, around);
    for (const key of ['deliveries', 'messages']) checkAge(childOf(node, key), key, around);
    const ofKinds = childOf(node, 'kinds');
    for (const { key, keyRange, value } of ofKinds?.kind === 'map' ? ofKinds.entries : []) {
      if (!kinds.includes(key))
        around.reporter.report(
          badRetention,
          keyRange,
          { what: `there is no kind \`${key}\` of runbooks. There are ${kinds.join(', ')}.` },
          { suggestion: nearest(key, kinds) },
        );
      checkAges(value, around, node);
    }
  },
  read(node) {
    const ofKinds = node && childOf(node, 'kinds');
    return {
      ...agesOf(node),
      ...defined({
        deliveries: node && textOf(childOf(node, 'deliveries')),
        messages: node && textOf(childOf(node, 'messages')),
      }),
      kinds: Object.fromEntries(
        (ofKinds?.kind === 'map' ? ofKinds.entries : []).map(({ key, value }) => [key, agesOf(value)]),
      ),
    };
  },
} satisfies Section<RetentionSettings>;

function agesOf(node: Node | undefined): KeptFor {
  return defined({
    runs: node && textOf(childOf(node, 'runs')),
    journals: node && textOf(childOf(node, 'journals')),
  });
}

/** `around` is what holds where `node` says nothing. */
function checkAges(node: Node, reporting: Around, around: Node = node): void {
  const at = (key: string) => childOf(node, key) ?? childOf(around, key);
  const runs = checkAge(at('runs'), 'runs', reporting);
  const journals = checkAge(at('journals'), 'journals', reporting);
  if (runs === undefined || journals === undefined || journals <= runs) return;
  const what = 'a journal goes with its run at the latest. Let `journals` be no longer than `runs`.';
  reporting.reporter.report(badRetention, childOf(node, 'journals') ?? childOf(node, 'runs') ?? node, {
    what,
  });
}

/** In days; undefined for what cannot be read, of which the schema tells. */
function checkAge(node: Node | undefined, key: string, { reporter }: Around): number | undefined {
  const [, count, unit] = form.exec(textOf(node) ?? '') ?? [];
  if (!node || unit === undefined) return undefined;
  const days = Number(count) * (inDays[unit] ?? 1);
  if (days < fewestDays)
    reporter.report(badRetention, node, {
      what: `\`${key}\` would go after ${textOf(node)}, when somebody may still work with it. Keep it for ${fewestDays} days or longer.`,
    });
  return days;
}
