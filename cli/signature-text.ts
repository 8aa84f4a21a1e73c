/** What became of each signature of a run, in words for an auditor. */

import type { Json, JsonObject } from '../plan/values.ts';
import { suggestedLines } from '../presentation/gate-questions.ts';
import type { Asking, GateStory, ProposalTold } from '../presentation/gate-story.ts';
import {
  changeInWords,
  enumeratedText,
  fieldWords,
  pathWords,
  plainText,
  systemText,
} from '../presentation/plain-text.ts';
import { differenceLines } from '../workflows/preview-text.ts';
import { localTime } from './text.ts';

type Titles = Record<string, string>;

export function storyText(story: GateStory, titles: Titles): string {
  const lines = [
    `Signature: ${titles[story.step] ?? titles[story.step.replace(/\[.*$/, '')] ?? story.step}`,
    ...story.askings.flatMap((asking, index) => askingLines(asking, index + 1, titles)),
    ...story.proposals.flatMap((proposal) => proposalText(proposal, titles)),
    ...questionLines(story),
  ];
  return lines.join('\n');
}

/** What was asked before it was signed, each with its number, by which it is answered. */
export function questionLines({ questions }: Pick<GateStory, 'questions'>): string[] {
  return questions.flatMap(({ id, by, at, text, instead, became = 'answered', answers }) => [
    `  ${instead ? 'Suggestion' : 'Question'} ${id} by ${by}, ${localTime(at)}: ${text}`,
    ...suggestedLines(instead ?? []).map((line) => `    ${line}`),
    ...(answers.length === 0
      ? ['    not answered']
      : answers.map((answer) =>
          `    ${answer.by} ${became}, ${localTime(answer.at)}${answer.text ? `: ${answer.text}` : ''}`.trimEnd(),
        )),
  ]);
}

function askingLines(asking: Asking, number: number, titles: Titles): string[] {
  const { at, asked, needed, from, deadline, escalatedTo, unmetAt, end } = asking;
  const named = from && from.length > 0 ? `, of ${from.join(', ')}` : '';
  return [
    `  Asked ${localTime(at)} (revision ${asking.revision ?? number}): ${asked.join(', ')}`,
    `    rule: ${needed} must approve${named}${deadline === undefined ? '' : `, by ${localTime(deadline)}`}`,
    ...Object.entries(asking.standIns).map(([instead, away]) => `    ${instead} stands in for ${away}`),
    ...Object.entries(asking.barred).map(
      ([person, why]) => `    could not sign: ${person}${why ? `, who ${why}` : ''}`,
    ),
    ...Object.entries(asking.systems).map(([name, parts]) => `    acts on ${name}: ${systemText(parts)}`),
    ...(asking.shown
      ? ['    shown:', ...shownLines(asking.shown, titles)]
      : ['    what was shown is not kept by this record']),
    ...(asking.preview?.steps ?? []).flatMap((step) => [
      `      opens ${step.title}: ${step.summary ?? `would call ${step.action}`}`,
      ...differenceLines(step).map((line) => `        ${line}`),
    ]),
    ...asking.reassigned.map(({ by, to }) => `    ${by} asked ${to.join(', ')} instead`),
    ...(escalatedTo.length > 0 ? [`    taken further to ${escalatedTo.join(', ')}`] : []),
    ...(unmetAt === undefined ? [] : [`    too few could still approve from ${localTime(unmetAt)}`]),
    ...asking.votes.map(
      ({ by, for: member, decision, at: when, comment, recordedBy, minutes }) =>
        `    ${decision === 'approve' ? 'approved' : 'refused'} by ${by}${member ? ` for ${member}` : ''}, ${localTime(when)}${comment ? ` — ${comment}` : ''}${recordedBy ? ` (entered by ${recordedBy}; minutes: ${minutes})` : ''}`,
    ),
    `    ${endText(end)}`,
  ];
}

function endText(end: Asking['end']): string {
  if (!end) return 'not decided yet';
  const reason = end.reason ? `: ${end.reason}` : '';
  const words: Record<NonNullable<Asking['end']>['how'], string> = {
    approved: `signed by ${enumeratedText(end.by ?? [])}`,
    rejected: `refused${reason}`,
    void: 'void, as something that was shown changed; people were asked again',
    fell: `the change fell${reason}`,
    withdrawn: 'the change was withdrawn',
    ended: `ended without a decision${reason}`,
  };
  return `${words[end.how]}, ${localTime(end.at)}`;
}

function shownLines(shown: JsonObject, titles: Titles): string[] {
  const named = (value: Json | undefined, words: (name: string) => string) =>
    Object.entries((value ?? {}) as JsonObject).map(
      ([name, item]) => `      ${words(name)}: ${plainText(item)}`,
    );
  const byHand = (shown.byHand ?? []) as unknown as { path: string; by: string; before: Json; after: Json }[];
  return [
    ...named(shown.show, fieldWords),
    ...byHand.flatMap((change) =>
      changeInWords(change, titles).map(
        ({ what, before, after }) => `      by hand: ${what}: ${before} -> ${after} (${change.by})`,
      ),
    ),
    ...named(shown.inputs, fieldWords),
    ...named(shown.values, (path) => pathWords(path, titles)),
  ];
}

function proposalText({ by, at, changes, afterwards, became, end }: ProposalTold, titles: Titles): string[] {
  const who = end && end.by.length > 0 ? ` by ${enumeratedText(end.by)}` : '';
  const words: Record<ProposalTold['became'], string> = {
    open: afterwards ? 'in force, and the signature is owed' : 'not in force, and not decided yet',
    countersigned: `signed${who}${afterwards ? '' : ', and in force from then on'}`,
    fell: `fell${end?.reason ? `: ${end.reason}` : ''}${afterwards ? '' : '; what was signed stayed'}`,
    withdrawn: `withdrawn${who}; what was signed stayed`,
  };
  return [
    `  Proposed ${localTime(at)} by ${by}:`,
    ...changes
      .flatMap((change) => changeInWords(change, titles))
      .map(({ what, before, after }) => `    ${what}: ${before} -> ${after}`),
    `    ${words[became]}${end ? `, ${localTime(end.at)}` : ''}`,
  ];
}
