/** Signing: shows what is to be signed, then votes on exactly that. */

import { defined } from '../../plan/defined.ts';
import type { Json } from '../../plan/values.ts';
import { changeInWords, fieldWords, pathWords, plainText } from '../../presentation/plain-text.ts';
import type { Gate, VoteReceipt } from '../../workflows/messages.ts';
import { previewText } from '../../workflows/preview-text.ts';
import { Api } from '../api-client.ts';
import { usage } from '../exit.ts';
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
    ...defined({ comment: comment || undefined }),
    ...recordedOf(options),
  });
  if (options.json) return console.log(JSON.stringify({ ...receipt, decision, hash: gate.hash }));
  const done = decision === 'approve' ? 'Approved' : 'Rejected';
  const count = gate.needed > 1 ? ` ${receipt.approvals} of ${receipt.needed} signatures.` : '';
  console.log(`${done} as ${text(options, 'for') ?? api.as}.${count}`);
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
    ...previewLines(gate),
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
    ...preview.steps.map(
      (step) =>
        `    ${step.title}: ${previewText(step)}${step.effect === 'destructive' ? ' (for good)' : ''}`,
    ),
    ...(preview.stopped ? [`    not known further: ${preview.stopped}`] : []),
  ];
}
