/** Signing: shows what is to be signed, then votes on exactly that. */

import { defined } from '../../plan/defined.ts';
import type { Json, JsonObject, JsonSchema } from '../../plan/values.ts';
import {
  changeInWords,
  enumeratedText,
  fieldWords,
  pathWords,
  plainText,
} from '../../presentation/plain-text.ts';
import type { Gate, VoteReceipt } from '../../workflows/messages.ts';
import { differenceLines, previewText } from '../../workflows/preview-text.ts';
import { Api } from '../api-client.ts';
import { usage } from '../exit.ts';
import { pairs } from '../text.ts';
import { apiOptions, type Options, text } from './options.ts';
import { proposalLines } from './show.ts';

export function approve(args: string[], options: Options): Promise<void> {
  return vote('approve', args, options);
}

export function reject(args: string[], options: Options): Promise<void> {
  return vote('reject', args, options);
}

async function vote(
  decision: 'approve' | 'reject',
  [run = '', step = '']: string[],
  options: Options,
): Promise<void> {
  const api = await Api.connect(apiOptions(options));
  const path = `/runs/${encodeURIComponent(run)}/steps/${encodeURIComponent(step)}`;
  const gate = await api.get<Gate>(`${path}/gate`);
  if (!options.json) console.log(shownText(gate));
  const comment = text(options, 'comment');
  const receipt = await api.post<VoteReceipt>(`${path}/vote`, {
    decision,
    hash: gate.hash,
    ...defined({
      comment: comment || undefined,
      form: decision === 'approve' ? filledIn(gate, options) : undefined,
    }),
    ...recordedOf(options),
  });
  if (options.json) return console.log(JSON.stringify({ ...receipt, decision, hash: gate.hash }));
  const done = decision === 'approve' ? 'Approved' : 'Rejected';
  const count = gate.needed > 1 ? ` ${receipt.approvals} of ${receipt.needed} signatures.` : '';
  console.log(`${done} as ${text(options, 'for') ?? api.as}.${count}`);
  if (receipt.differing)
    console.log(
      `${enumeratedText(receipt.differing, 'and')} filled in something else before, and ${receipt.differing.length === 1 ? 'is' : 'are'} asked again: all who sign must fill in the same.`,
    );
}

/** Undefined where the approval asks for nothing: then whatever was given goes along, and is refused in the run's words. */
function filledIn(gate: Gate, options: Options): JsonObject | undefined {
  if (!gate.form && options.field === undefined) return undefined;
  const { form = {}, required = Object.keys(form) } = gate;
  const isText = (name: string) => (form[name] as JsonSchema | undefined)?.type === 'string';
  const given = pairs(options.field, isText) as JsonObject;
  const missing = required.filter((name) => !(name in given));
  if (missing.length === 0) return given;
  throw usage(
    `Whoever approves "${gate.title}" fills in ${enumeratedText(Object.keys(form), 'and')}: add ${missing.map((name) => `--field ${name}=…`).join(' ')}.`,
  );
}

/** What is to be filled in, and what the newest approval filled in. */
function formLines({ form, required = [], votes }: Gate): string[] {
  if (!form) return [];
  const newest = votes.findLast(({ form: values }) => values !== undefined)?.form;
  return [
    '  to fill in',
    ...Object.entries(form).map(([name, schema]) => {
      const { description } = schema as JsonSchema;
      const about = typeof description === 'string' ? ` (${description})` : '';
      const now = newest?.[name] === undefined ? '' : `: ${plainText(newest[name])} by now`;
      return `    ${name}${about}${required.includes(name) ? '' : ', may be left out'}${now}`;
    }),
  ];
}

function recordedOf(options: Options): { recorded?: { for: string; minutes: string } } {
  const [whose, minutes] = [text(options, 'for'), text(options, 'minutes')];
  if (whose === undefined && minutes === undefined) return {};
  if (whose !== undefined && minutes !== undefined) return { recorded: { for: whose, minutes } };
  throw usage('A vote given in a meeting needs both: --for EMAIL and --minutes REFERENCE.');
}

/** What a signature stands for, as the approver is shown it. */
export function shownText(gate: Gate): string {
  const { shown } = gate;
  const named = (value: unknown, words: (name: string) => string = fieldWords) =>
    Object.entries((value ?? {}) as Record<string, Json>).map(
      ([name, item]) => `    ${words(name)}: ${plainText(item)}`,
    );
  const ticket = shown.ticket as { key?: string; summary?: string } | undefined;
  return [
    `${shown.runbook}: ${gate.title}`,
    `  asked by ${shown.requester}${ticket ? ` on ${ticket.key} ${ticket.summary ?? ''}` : ''}`,
    ...proposalLines(gate).map((line) => `  ${line}`),
    ...byHandLines(shown),
    ...(shown.show ? ['  shown', ...named(shown.show)] : []),
    '  inputs',
    ...named(shown.inputs),
    ...(shown.values ? ['  found before', ...named(shown.values, (path) => pathWords(path))] : []),
    ...(shown.filledIn ? ['  filled in and signed', ...named(shown.filledIn)] : []),
    ...previewLines(gate),
    ...formLines(gate),
    `  to sign: ${gate.approvers.join(', ')}`,
  ].join('\n');
}

function byHandLines({ byHand = [] }: Gate['shown']): string[] {
  const changes = byHand as unknown as { path: string; by: string; before: Json; after: Json }[];
  if (changes.length === 0) return [];
  return [
    '  typed or changed by hand',
    ...changes.flatMap((change) =>
      changeInWords(change).map(
        ({ what, before, after }) => `    ${what}: ${before} -> ${after} (${change.by})`,
      ),
    ),
  ];
}

function previewLines({ preview }: Gate): string[] {
  if (!preview || (preview.steps.length === 0 && !preview.stopped)) return [];
  return [
    '  opens',
    ...preview.steps.flatMap((step) => [
      `    ${step.title}: ${previewText(step)}${step.effect === 'destructive' ? ' (for good)' : ''}`,
      ...differenceLines(step).map((line) => `        ${line}`),
    ]),
    ...(preview.stopped ? [`    not known further: ${preview.stopped}`] : []),
  ];
}
