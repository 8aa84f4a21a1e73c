/** A run for whoever was not there: who asked, who signed what, what was done, what a hand changed, as blocks to be printed. */
import { type Block, code, facts, heading, type Inline, list, paragraph, strong } from '../plan/document.ts';
import { runName } from '../plan/run-name.ts';
import type { Json, JsonObject } from '../plan/values.ts';
import { differenceLines } from '../workflows/preview-text.ts';
import { type AnswerTold, acceptedText, type QuestionTold, suggestedLines } from './gate-questions.ts';
import type { Asking, ProposalTold } from './gate-story.ts';
import { journalSentence, saidIn } from './journal-sentences.ts';
import {
  changeInWords,
  enumeratedText,
  inputsBesides,
  pathWords,
  plainText,
  systemText,
} from './plain-text.ts';
import {
  becameText,
  causes,
  effects,
  namedValues,
  outcomeText,
  partyText,
  type Row,
  rowsOf,
  ruleText,
  statuses,
} from './run-report-words.ts';
import type { ActionTold, RunStory } from './run-story.ts';
import { titleAt } from './step-titles.ts';

/** Whether the records are whole and agree with the journal. */
export interface Checked {
  intact: boolean;
  signatures: 'checked' | 'not checked';
  records: number;
  head?: string;
  findings: { message: string }[];
  /** Changes that could not be computed again, by name. */
  notComputed?: { what: string; why: string; times: number }[];
}

export interface ReportOptions {
  checked: Checked;
  /** In which the moments are written. */
  timezone: string;
}

/** A longer journal is in the exported file alone. */
const longestJournal = 600;

export function runReport(story: RunStory, options: ReportOptions): Block[] {
  return new Report(story, options).blocks();
}

class Report {
  private readonly story: RunStory;
  private readonly options: ReportOptions;
  private readonly format: Intl.DateTimeFormat;

  constructor(story: RunStory, options: ReportOptions) {
    this.story = story;
    this.options = options;
    const { timezone: timeZone } = options;
    this.format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium', timeZone });
  }

  blocks(): Block[] {
    return [
      ...this.head(),
      ...this.whoAsked(),
      ...this.whoSigned(),
      ...this.whatWasDone(),
      ...this.byHand(),
      ...this.tasks(),
      ...this.toSettle(),
      ...this.check(),
      ...this.all(),
    ];
  }

  private head(): Block[] {
    const { run } = this.story;
    const { ticket, planHash } = run;
    const said = run.reason ? `: ${run.reason}` : '';
    return [
      heading(1, runName(run)),
      facts([
        ['Outcome', [strong(statuses[run.status]), said]],
        ...(ticket ? [['Ticket', [`${ticket.key} ${ticket.summary}`.trim()]] satisfies Row] : []),
        ['Began', [this.iso(run.startedAt)]],
        ...(run.endedAt ? [['Ended', [this.iso(run.endedAt)]] satisfies Row] : []),
        ['Runbook', [code(run.runbook), ...(planHash ? [', version ', code(planHash.slice(0, 12))] : [])]],
        ['Operated by', [partyText(run.owner)]],
        ['Run', [code(run.id)]],
        ['Times', [`in ${this.options.timezone}`]],
      ]),
      paragraph(strong(this.checkedWords())),
    ];
  }

  private checkedWords(): string {
    const { intact, signatures, records, findings } = this.options.checked;
    if (!intact) return `Not verified: ${findings[0]?.message ?? 'the records do not hold'}`;
    const by = signatures === 'checked' ? ', and every one was signed by this installation' : '';
    return `Verified: ${records} records, unbroken, agree with the journal${by}.`;
  }

  private whoAsked(): Block[] {
    const { asked } = this.story;
    const who = asked.name && asked.name !== asked.by ? `${asked.name} (${asked.by})` : asked.by;
    return [
      heading(2, 'Who asked, and for what'),
      facts([
        ['Asked by', [who]],
        ['How', [causes[asked.cause] ?? asked.cause]],
        ['When', [this.iso(asked.at)]],
        ...(asked.author ? [['Runbook changed by', [asked.author]] satisfies Row] : []),
        ...(asked.commit ? [['Commit', [code(asked.commit)]] satisfies Row] : []),
        ...(asked.file ? [['File', [code(asked.file)]] satisfies Row] : []),
      ]),
      ...this.values('What was asked for', asked.inputs),
    ];
  }

  private whoSigned(): Block[] {
    const { signatures, titles } = this.story;
    if (signatures.length === 0)
      return [heading(2, 'Who signed what'), paragraph('No signature was asked for in this run.')];
    return [
      heading(2, 'Who signed what'),
      ...signatures.flatMap(({ step, askings, proposals, questions }) => [
        heading(3, titleAt(step, titles)),
        ...askings.flatMap((asking, index) => this.asking(asking, index + 1)),
        ...proposals.flatMap((proposal) => this.proposal(proposal)),
        ...this.questions(questions),
      ]),
    ];
  }

  private questions(questions: readonly QuestionTold[]): Block[] {
    if (questions.length === 0) return [];
    const said = (name: string, { by, at, text }: AnswerTold): Row => [
      name,
      [strong(by), `, ${this.time(at)}${text ? `: ${text}` : ''}`],
    ];
    const settled = { accepted: 'Accepted', declined: 'Declined' };
    const rows = questions.flatMap(({ instead, became, answers, ...question }) => [
      said(instead ? 'Suggested' : 'Asked', question),
      ...suggestedLines(instead ?? []).map((line): Row => ['', [line]]),
      ...(answers.length === 0
        ? [['Answered', ['not answered']] satisfies Row]
        : answers.map((answer) => said(became ? settled[became] : 'Answered', answer))),
      ...(question.proposed ? [['', [acceptedText(instead ?? [], question.proposed)]] satisfies Row] : []),
    ]);
    return [facts(rows, 'What was asked before it was signed')];
  }

  private asking(asking: Asking, number: number): Block[] {
    const { at, asked, deadline, escalatedTo, shown, preview, votes, end } = asking;
    const row = (name: string, text: string): Row => [name, [text]];
    return [
      facts(
        [
          row('Asked', this.time(at)),
          row('To', enumeratedText(asked) || 'nobody'),
          row('Rule', ruleText(asking)),
          ...(deadline === undefined ? [] : [row('Answer by', this.time(deadline))]),
          ...Object.entries(asking.standIns).map(([by, away]) =>
            row('Stood in', `${by} for ${away}, who was away`),
          ),
          ...Object.entries(asking.barred).map(([person, why]) =>
            row('Could not sign', why ? `${person}, who ${why}` : person),
          ),
          ...Object.entries(asking.systems).map(([name, parts]) =>
            row('Acts on', `${name}: ${systemText(parts)}`),
          ),
          ...asking.reassigned.map(({ by, to }) => row('Asked instead', `${enumeratedText(to)}, by ${by}`)),
          ...(escalatedTo.length > 0 ? [row('Taken further to', enumeratedText(escalatedTo))] : []),
          ...votes.map((vote) => this.vote(vote)),
          ['Became', [strong(this.endText(end))]],
        ],
        number === 1 ? undefined : `Asked again (${number})`,
      ),
      ...(shown
        ? this.shown(shown)
        : [paragraph('What was shown is not kept: the run is of an older engine.')]),
      ...(preview && preview.steps.length > 0
        ? [
            paragraph({ quiet: 'What the signature opened, as it was shown:' }),
            list(
              preview.steps.map((step) => [
                paragraph(`${step.title}: ${step.summary ?? `would call ${step.action}`}`),
                ...differenceLines(step).map((line) => paragraph(line)),
              ]),
            ),
          ]
        : []),
    ];
  }

  private vote({
    by,
    for: member,
    decision,
    at,
    comment,
    recordedBy,
    minutes,
    form,
  }: Asking['votes'][number]): Row {
    const entered = recordedBy ? `, entered by ${recordedBy} (minutes: ${minutes})` : '';
    const said = comment ? `: “${comment}”` : '';
    const how = decision === 'approve' ? 'approved' : 'refused';
    const filledIn = form ? ` with ${namedValues(form)}` : '';
    const instead = member ? ` for ${member}` : '';
    return ['Vote', [strong(by), `${instead} ${how}${filledIn}${said}, ${this.time(at)}${entered}`]];
  }

  private endText(end: Asking['end']): string {
    if (!end) return 'not decided yet';
    const reason = end.reason ? `: ${end.reason}` : '';
    const words: Record<NonNullable<Asking['end']>['how'], string> = {
      approved: `signed by ${enumeratedText(end.by ?? [])}${end.form ? `, with ${namedValues(end.form)}` : ''}`,
      rejected: `refused${reason}`,
      void: 'void, since something that was shown changed; people were asked again',
      fell: `the change fell${reason}`,
      withdrawn: 'the change was withdrawn',
      ended: `ended without a decision${reason}`,
    };
    return `${words[end.how]}, ${this.time(end.at)}`;
  }

  private shown(shown: JsonObject): Block[] {
    const byHand = (shown.byHand ?? []) as unknown as {
      path: string;
      by: string;
      before: Json;
      after: Json;
    }[];
    const hand = byHand.flatMap((change) =>
      this.changed(change).map(
        ({ what, before, after }): Row => [
          `${what}, by hand`,
          [`${before} → `, strong(after), ` (${change.by})`],
        ],
      ),
    );
    const values = Object.entries((shown.values ?? {}) as JsonObject).map(
      ([path, value]): Row => [this.path(path), [plainText(value)]],
    );
    const rows = [
      ...rowsOf(shown.show),
      ...hand,
      ...rowsOf(inputsBesides(shown.show, shown.inputs)),
      ...values,
    ];
    return rows.length > 0 ? [facts(rows, 'What was shown')] : [];
  }

  private proposal({ by, at, changes, afterwards, became, end }: ProposalTold): Block[] {
    return [
      facts(
        [
          ...changes
            .flatMap((change) => this.changed(change))
            .map(({ what, before, after }): Row => [what, [`${before} → `, strong(after)]]),
          ['Became', [strong(becameText(became, afterwards, end?.reason))]],
          ...(end
            ? [
                [
                  'Decided',
                  [[enumeratedText(end.by), this.time(end.at)].filter(Boolean).join(', ')],
                ] satisfies Row,
              ]
            : []),
        ],
        `Proposed by ${by}, ${this.time(at)}`,
      ),
    ];
  }

  private whatWasDone(): Block[] {
    const { actions, counted } = this.story;
    const none = actions.length + counted.length === 0;
    return [
      heading(2, 'What was done'),
      ...(none ? [paragraph('Nothing was called.')] : []),
      ...actions.flatMap((action, index) => this.action(action, index + 1)),
      ...(counted.length > 0
        ? [
            paragraph('Items of large lists, which stand in the records one by one:'),
            list(
              counted.map(({ title, action, succeeded, failed }) => [
                paragraph(
                  `${title} (`,
                  code(action),
                  `): ${succeeded} done${failed > 0 ? `, ${failed} tries failed` : ''}`,
                ),
              ]),
            ),
          ]
        : []),
    ];
  }

  private action(told: ActionTold, number: number): Block[] {
    const { title, action, effect, input, output, undone, began, ended, requestId, why } = told;
    const because = why ? `: ${why}` : '';
    const request = requestId ? ` (request ${requestId})` : '';
    return [
      heading(3, `${number}. ${title}`),
      facts([
        ['Action', [code(action), `, ${effects[effect]}`]],
        ['Outcome', [strong(outcomeText(told)), `${because}${request}`]],
        ['When', [began === undefined ? this.time(ended) : `${this.time(began)} to ${this.time(ended)}`]],
        ...(undone ? [this.undone(undone)] : []),
      ]),
      ...this.values('Called with', input),
      ...this.values('Gave', output),
    ];
  }

  private undone({ at, uses, input }: NonNullable<ActionTold['undone']>): Row {
    const how = uses ? [' by ', code(uses)] : [];
    const what = input === undefined ? '' : `, with ${plainText(input)}`;
    return ['Taken back', [this.time(at), ...how, what]];
  }

  private byHand(): Block[] {
    const { byHand } = this.story;
    return [
      heading(2, 'What was changed by hand'),
      ...(byHand.length === 0 ? [paragraph('Nothing was changed by hand.')] : []),
      ...byHand.map((change) =>
        facts(
          [
            ...this.changed(change).map(
              ({ what, before, after }): Row => [what, [`${before} → `, strong(after)]],
            ),
            ['Became', [becameText(change.became, undefined, change.reason)]],
          ],
          `${change.by}, ${this.time(change.at)}`,
        ),
      ),
    ];
  }

  private tasks(): Block[] {
    const { tasks } = this.story;
    if (tasks.length === 0) return [];
    return [
      heading(2, 'What people did'),
      ...tasks.flatMap(({ title, at, asked, done }) => [
        heading(3, title),
        facts([
          ['Asked', [`${enumeratedText(asked)}, ${this.time(at)}`]],
          ['Done', [done ? `${done.by ? `by ${done.by}, ` : ''}${this.time(done.at)}` : 'not reported']],
        ]),
        ...this.values('Reported', done?.output),
      ]),
    ];
  }

  private toSettle(): Block[] {
    const { left } = this.story;
    if (left.length === 0) return [];
    return [
      heading(2, 'Left for a person to settle'),
      list(left.map(({ title, why }) => [paragraph(strong(title), `: ${why}`)])),
    ];
  }

  private check(): Block[] {
    const { checked } = this.options;
    const { refused } = this.story;
    return [
      heading(2, 'Whether the record holds'),
      paragraph(this.checkedWords()),
      ...(checked.findings.length > 0
        ? [list(checked.findings.map(({ message }) => [paragraph(message)]))]
        : []),
      ...(checked.notComputed?.length
        ? [
            paragraph('Not computed again:'),
            list(
              checked.notComputed.map(({ what, why, times }) => [
                paragraph(`${what}${times > 1 ? `, ${times} times` : ''}: ${why}`),
              ]),
            ),
          ]
        : []),
      ...(refused.length > 0
        ? [
            paragraph('Refused, since it was not sealed by this installation for its place:'),
            list(refused.map(({ at, what, why }) => [paragraph(`${this.iso(at)}: ${what}: ${why}`)])),
          ]
        : []),
      ...(checked.signatures === 'checked'
        ? []
        : [
            paragraph(
              'Signatures were not checked: that takes the installation’s keys (`countersign audit verify RUN`).',
            ),
          ]),
      ...(checked.head ? [paragraph('The last record has the hash ', code(checked.head), '.')] : []),
    ];
  }

  private all(): Block[] {
    const { journal, titles } = this.story;
    const told = journal.filter(({ kind }) => kind !== 'step.started');
    const rows = told.slice(0, longestJournal).map((entry): Inline[][] => {
      const title = entry.step ? `“${titleAt(entry.step, titles)}”` : '';
      const said = saidIn(entry);
      const text = journalSentence(entry, title, titles);
      return [[String(entry.seq)], [this.time(entry.at)], [said ? `${text} ${said}` : text]];
    });
    const more = told.length - rows.length;
    return [
      heading(2, 'All that happened'),
      { type: 'table', head: ['No.', 'When', 'What'], rows, short: 2 },
      ...(more > 0 ? [paragraph(`${more} more entries are in the exported file.`)] : []),
    ];
  }

  private values(title: string, value: Json | undefined): Block[] {
    if (value === undefined || value === null) return [];
    const rows = rowsOf(value);
    if (rows.length > 0) return [facts(rows, title)];
    return typeof value === 'object' ? [] : [facts([[title, [plainText(value)]]])];
  }

  private changed(change: { path: string; before: Json; after: Json }) {
    return changeInWords(change, this.story.titles);
  }

  private path(path: string): string {
    return pathWords(path, this.story.titles);
  }

  private time(ms: number): string {
    return this.format.format(ms);
  }

  private iso(moment: string): string {
    return this.time(Date.parse(moment));
  }
}
