/** `roles`: who is who. */
import { roleOf } from '../../../plan/lexical.ts';
import type { Role } from '../../../plan/organisation.ts';
import type { JsonSchema } from '../../../plan/plan.ts';
import * as codes from '../../diagnostics/registry/configuration.ts';
import type { Reporter } from '../../diagnostics/reporter.ts';
import { nearest } from '../../diagnostics/suggest.ts';
import { isDate } from '../../expressions/dates.ts';
import { named, object, text } from '../../schema/parts.ts';
import type { SourceRange } from '../../source/source-file.ts';
import { childOf, entryOf, type Node, textOf } from '../../source/tree.ts';
import { type Around, readMap, type Section } from '../section.ts';

const people: JsonSchema = {
  type: 'array',
  items: { type: 'string', format: 'email' },
  description: 'E-mail addresses.',
};

const role = object(
  {
    people,
    description: text('What the role stands for.'),
    entraGroup: text('Name or object id of an Entra group whose members have the role too.'),
    recordedBy: text(
      'The role whose people may enter the votes that members of this one gave in a meeting: role:NAME.',
    ),
    chat: object(
      {
        slack: text('A channel of Slack, such as #it-changes, or direct: each of the people for themselves.'),
        teams: text('A channel under connectors: teams: channels:.'),
      },
      [],
      'Where its people are told of what waits for them, besides the mail.',
    ),
    readOnly: {
      type: 'boolean',
      description:
        'Its people, such as auditors, see every run, its evidence and what came in, and do nothing, whatever other roles they have.',
    },
    records: {
      type: 'boolean',
      deprecated: true,
      description: 'Write recordedBy on the role whose votes are entered instead.',
    },
    standIns: {
      type: 'array',
      items: { type: 'string' },
      description:
        'Whom a member may name to stand in for them for a time, besides the other members: addresses and role:NAME.',
    },
    delegates: named({ type: 'string', format: 'email' }, 'Who stands in for whom: an address each.'),
    absences: {
      type: 'array',
      description: 'Who is away when; their delegate is asked instead.',
      items: object(
        {
          person: { type: 'string', format: 'email', description: 'Who is away.' },
          from: { type: 'string', format: 'date', description: 'First day.' },
          to: { type: 'string', format: 'date', description: 'Last day.' },
          delegate: { type: 'string', format: 'email', description: 'Who is asked instead.' },
        },
        ['person', 'from', 'to'],
        'One absence.',
      ),
    },
  },
  [],
  'Who is in the role.',
);

/** Absences and delegates are of people whom the role has, and who come back. */
function checkAway(role: string, node: Node, reporter: Reporter): void {
  const listed = childOf(node, 'people');
  const members = (listed?.kind === 'list' ? listed.items : [])
    .map((item) => textOf(item)?.toLowerCase())
    .filter((member) => member !== undefined);
  const check = (at: SourceRange, person: string | undefined, what: string) => {
    // Who is in a group of Entra is not known here.
    if (person === undefined || childOf(node, 'entraGroup') || members.includes(person.toLowerCase())) return;
    const suggestion = nearest(person.toLowerCase(), members);
    reporter.report(codes.notInRole, at, { person, role, what }, { suggestion });
  };
  const absences = childOf(node, 'absences');
  for (const absence of absences?.kind === 'list' ? absences.items : []) {
    const [person, from, to] = ['person', 'from', 'to'].map((key) => childOf(absence, key));
    if (person) check(person, textOf(person), 'be away');
    const [first, last] = [textOf(from), textOf(to)];
    if (to && first !== undefined && last !== undefined && isDate(first) && isDate(last) && last < first)
      reporter.report(codes.absenceEndsFirst, to, { from: first, to: last });
  }
  const delegates = childOf(node, 'delegates');
  for (const { key, keyRange } of delegates?.kind === 'map' ? delegates.entries : [])
    check(keyRange, key, 'have a delegate');
}

function checkRecorders(role: string, node: Node, around: Around): void {
  if (node.kind !== 'map') return;
  const records = entryOf(node, 'records');
  if (records?.value.kind === 'scalar' && records.value.value === true)
    around.reporter.report(codes.recordsForAll, records.keyRange, { role });
  const recordedBy = childOf(node, 'recordedBy');
  const value = textOf(recordedBy);
  if (!recordedBy || value === undefined) return;
  const recorder = roleOf(value);
  if (recorder === undefined || recorder === role)
    around.reporter.report(codes.badRecorder, recordedBy, { role, value });
  else around.checkPerson(recordedBy, '`recordedBy`');
}

export const roles = {
  rank: 3,
  schema: named(role, 'Who is who: a name and its people.'),
  check(node, around: Around) {
    for (const { key, keyRange, value } of node.kind === 'map' ? node.entries : []) {
      around.checkName(keyRange, key, "a role's name");
      const listed = childOf(value, 'people');
      const count = listed?.kind === 'list' ? listed.items.length : 0;
      if (count === 0 && !childOf(value, 'entraGroup'))
        around.reporter.report(codes.emptyRole, keyRange, { role: key });
      checkAway(key, value, around.reporter);
      checkRecorders(key, value, around);
      const standIns = childOf(value, 'standIns');
      for (const person of standIns?.kind === 'list' ? standIns.items : [])
        around.checkPerson(person, '`standIns`');
    }
  },
  read: (node, around) =>
    Object.fromEntries(
      Object.entries(readMap(node, around) as Record<string, Partial<Role>>).map(([name, given]) => [
        name,
        { ...given, people: given?.people ?? [] },
      ]),
    ),
} satisfies Section<Record<string, Role>>;
