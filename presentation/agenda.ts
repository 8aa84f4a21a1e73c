/** What a role is to decide, a page each, and what it decided: as blocks to be read and printed. */
import { type Block, facts, heading, type Inline, list, paragraph, strong } from '../plan/document.ts';
import type { Json, JsonObject } from '../plan/values.ts';
import { type QuestionTold, suggestedLines } from './gate-questions.ts';
import type { AskingEnd, VoteTold } from './gate-story.ts';
import { plainText } from './plain-text.ts';

/** A change that is to be decided, or was. */
export interface AgendaItem {
  run: string;
  step: string;
  /** Of the signature. */
  title: string;
  runTitle: string;
  subject?: string;
  ticket?: string;
  requester: string;
  since: number;
  deadline?: number;
  risk?: string;
  affects: string[];
  backout?: string;
  from?: number;
  to?: number;
  calendar?: string;
  frozenBy?: string;
  conflicts: { run?: string; title: string; affects: string[] }[];
  /** What would be done, a line each. */
  would: string[];
  shown: JsonObject;
  needed: number;
  asked: string[];
  votes: VoteTold[];
  questions: QuestionTold[];
}

export interface Decision
  extends Pick<
    AgendaItem,
    | 'run'
    | 'step'
    | 'title'
    | 'runTitle'
    | 'subject'
    | 'ticket'
    | 'requester'
    | 'votes'
    | 'questions'
    | 'needed'
  > {
  since: number;
  /** Absent of what is still open. */
  became?: AskingEnd;
  at?: number;
  reason?: string;
}

type Row = [name: string, value: Inline[]];

interface Printed {
  role: string;
  /** In which the moments are written. */
  timezone: string;
  /** Whether there is more than was read. */
  more?: boolean;
}

export function agendaBlocks(items: readonly AgendaItem[], { role, timezone, more }: Printed): Block[] {
  const time = timeIn(timezone);
  return [
    heading(1, `Agenda of ${role}`),
    paragraph(
      items.length === 0
        ? 'Nothing is to be decided.'
        : `To be decided: ${items.length}. Times are in ${timezone}.`,
    ),
    ...(more
      ? [
          paragraph(
            strong('Not all of it is here:'),
            ' there is more than is read at once. Decide these first.',
          ),
        ]
      : []),
    list(items.map((item) => [paragraph(strong(nameOf(item)), `, ${dueOf(item, time)}`)])),
    ...items.flatMap((item) => itemBlocks(item, time)),
  ];
}

export function minutesBlocks(
  decisions: readonly Decision[],
  { role, timezone, from, to, more }: Printed & { from: number; to: number },
): Block[] {
  const time = timeIn(timezone);
  const open = decisions.filter(({ became }) => became === undefined);
  const decided = decisions.filter(({ became }) => became !== undefined);
  return [
    heading(1, `Minutes of ${role}`),
    paragraph(`From ${time(from)} to ${time(to)}, in ${timezone}. By the records of each run.`),
    ...(more
      ? [
          paragraph(
            strong('Not all of it is here:'),
            ' there is more than is read at once, and what was asked first is missing. Choose an earlier or a shorter time.',
          ),
        ]
      : []),
    heading(2, 'Decided'),
    ...(decided.length === 0 ? [paragraph('Nothing was decided.')] : []),
    ...decided.flatMap((each) => decisionBlocks(each, time)),
    heading(2, 'Still open'),
    ...(open.length === 0 ? [paragraph('Nothing is open.')] : []),
    ...open.flatMap((each) => decisionBlocks(each, time)),
  ];
}

type Time = (at: number) => string;

function itemBlocks(item: AgendaItem, time: Time): Block[] {
  const row = (name: string, text: string | undefined): Row[] => (text ? [[name, [text]]] : []);
  const shown = Object.entries({
    ...objectOf(item.shown.inputs),
    ...objectOf(item.shown.show),
  }).map(([name, value]): Row => [name, [plainText(value)]]);
  return [
    heading(1, nameOf(item)),
    facts([
      ...row('To be signed', item.title),
      ...row('Asked for by', item.requester),
      ...row('Decide by', item.deadline === undefined ? undefined : time(item.deadline)),
      ...row('Risk', item.risk),
      ...row('Affects', item.affects.join(', ')),
      ...row('Way back', item.backout),
      ...row('Window', windowText(item, time)),
      ...item.conflicts.flatMap((other) =>
        row('At the same time', `${other.title}, on ${other.affects.join(', ')}`),
      ),
      ...row(
        'Votes',
        `${item.votes.filter(({ decision }) => decision === 'approve').length} of ${item.needed} needed`,
      ),
      ...row('Asked', item.asked.join(', ')),
      ...votesOf(item, time),
    ]),
    ...(shown.length > 0 ? [facts(shown, 'What is shown')] : []),
    heading(2, 'What would change'),
    ...(item.would.length > 0
      ? [list(item.would.map((line) => [paragraph(line)]))]
      : [paragraph('It is not known before it is signed.')]),
    ...questionsOf(item, time),
  ];
}

function decisionBlocks(decision: Decision, time: Time): Block[] {
  const { became, at, reason } = decision;
  const outcome =
    became === undefined
      ? 'not decided yet'
      : `${outcomes[became]}${reason ? `: ${reason}` : ''}${at === undefined ? '' : `, ${time(at)}`}`;
  return [
    heading(3, nameOf(decision)),
    facts([
      ['Signature', [decision.title]],
      ['Asked for by', [`${decision.requester}, ${time(decision.since)}`]],
      ['Became', [strong(outcome)]],
      ...votesOf(decision, time),
    ]),
    ...questionsOf(decision, time),
  ];
}

const outcomes: Record<AskingEnd, string> = {
  approved: 'approved',
  rejected: 'refused',
  void: 'void, since something that was shown changed; asked again',
  fell: 'the change fell',
  withdrawn: 'withdrawn',
  ended: 'ended without a decision',
};

function votesOf({ votes }: Pick<Decision, 'votes'>, time: Time): Row[] {
  return votes.map(({ by, for: member, decision, at, comment, recordedBy, minutes }): Row => {
    const instead = member ? ` for ${member}` : '';
    const entered = recordedBy ? `, entered by ${recordedBy} (minutes: ${minutes})` : '';
    const said = comment ? `: “${comment}”` : '';
    return [
      'Vote',
      [
        strong(by),
        `${instead} ${decision === 'approve' ? 'approved' : 'refused'}${said}, ${time(at)}${entered}`,
      ],
    ];
  });
}

function questionsOf({ questions }: Pick<Decision, 'questions'>, time: Time): Block[] {
  if (questions.length === 0) return [];
  const rows = questions.flatMap(({ by, at, text, instead, became, answers }): Row[] => [
    [instead ? 'Suggested' : 'Asked', [strong(by), `, ${time(at)}: ${text}`]],
    ...suggestedLines(instead ?? []).map((line): Row => ['', [line]]),
    ...(answers.length === 0 ? [['Answered', ['not answered']] satisfies Row] : []),
    ...answers.map(
      (answer): Row => [
        became === undefined ? 'Answered' : became === 'accepted' ? 'Accepted' : 'Declined',
        [strong(answer.by), `, ${time(answer.at)}${answer.text ? `: ${answer.text}` : ''}`],
      ],
    ),
  ]);
  return [facts(rows, 'Questions and answers')];
}

function nameOf({ runTitle, subject, ticket }: Pick<AgendaItem, 'runTitle' | 'subject' | 'ticket'>): string {
  return [subject ? `${runTitle}: ${subject}` : runTitle, ticket].filter(Boolean).join(', ');
}

function dueOf({ deadline, from }: AgendaItem, time: Time): string {
  if (deadline !== undefined) return `by ${time(deadline)}`;
  return from === undefined ? 'no deadline' : `no deadline, window ${time(from)}`;
}

function windowText({ from, to, calendar, frozenBy }: AgendaItem, time: Time): string | undefined {
  if (from === undefined) return calendar;
  const frozen = frozenBy ? `, held back by ${frozenBy}` : '';
  return `${time(from)}${to === undefined ? '' : ` to ${time(to)}`}${frozen}`;
}

function objectOf(value: Json | undefined): JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
}

function timeIn(timezone: string): Time {
  const format = new Intl.DateTimeFormat('en-GB', {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: timezone,
  });
  return (at) => format.format(at);
}
