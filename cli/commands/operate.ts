/** What operators tell a run. */
import { defined } from '../../plan/defined.ts';
import type { Plan } from '../../plan/plan.ts';
import { enumeratedText } from '../../presentation/plain-text.ts';
import { Api } from '../api-client.ts';
import { usage } from '../exit.ts';
import { inputPairs } from '../inputs.ts';
import { pairs } from '../text.ts';
import { apiOptions, type Options, text } from './options.ts';

export function retry([run = '', step = '']: string[], options: Options): Promise<void> {
  const edited = pairs(options.with);
  const body = Object.keys(edited).length > 0 ? { with: edited } : {};
  return tell(run, `steps/${encodeURIComponent(step)}/retry`, body, `Step ${step} is tried again.`, options);
}

export function skip([run = '', step = '']: string[], options: Options): Promise<void> {
  return tell(run, `steps/${encodeURIComponent(step)}/skip`, {}, `Step ${step} is skipped.`, options);
}

export function complete([run = '', step = '']: string[], options: Options): Promise<void> {
  const body = { output: pairs(options.output) };
  return tell(
    run,
    `steps/${encodeURIComponent(step)}/complete`,
    body,
    `Step ${step} is reported as done.`,
    options,
  );
}

export function abort([run = '']: string[], options: Options): Promise<void> {
  const body = options.force ? { force: true } : {};
  return tell(run, 'abort', body, 'The run takes its completed steps back and ends.', options);
}

export function pause([run = '']: string[], options: Options): Promise<void> {
  return tell(run, 'pause', {}, 'The run holds before its next step.', options);
}

export function resume([run = '']: string[], options: Options): Promise<void> {
  return tell(run, 'resume', {}, 'The run goes on.', options);
}

export async function amend([run = '']: string[], options: Options): Promise<void> {
  if (!options.input) throw usage('Say what changes: --input name=value.');
  const api = await Api.connect(apiOptions(options));
  const { runbook } = await api.get<{ runbook: string }>(`/runs/${encodeURIComponent(run)}`);
  const { inputs } = await api.get<Pick<Plan, 'inputs'>>(`/runbooks/${encodeURIComponent(runbook)}`);
  return tell(run, 'amend', { inputs: inputPairs(options, inputs) }, 'The inputs are changed.', options);
}

async function tell(run: string, path: string, body: object, done: string, options: Options): Promise<void> {
  const api = await Api.connect(apiOptions(options));
  const comment = text(options, 'comment');
  const answer = await api.post<Receipt>(`/runs/${encodeURIComponent(run)}/${path}`, {
    ...body,
    ...defined({ comment: comment || undefined }),
  });
  console.log(options.json ? JSON.stringify(answer) : receiptText(answer, done));
}

interface Receipt {
  applied?: string[];
  proposed?: string[];
  signers?: string[];
  forced?: boolean;
  left?: { step: string; title: string; why: string }[];
}

/** What is in force from now on, and what waits for those who signed. */
export function receiptText(receipt: Receipt, done: string): string {
  const { applied = [], proposed = [], signers = [], forced, left = [] } = receipt;
  if (forced)
    return [
      'The run did not answer and was ended by force. Nothing was taken back.',
      ...left.map(({ step, title, why }) => `  ${step} (${title}): ${why}`),
    ].join('\n');
  if (proposed.length === 0) return done;
  const who = signers.length > 0 ? enumeratedText(signers, 'or') : 'those who signed what it was';
  return [
    ...(applied.length > 0 ? [`in force: ${applied.join(', ')}.`] : []),
    `proposed: ${proposed.join(', ')}; not in force before it is signed by ${who}.`,
  ].join('\n');
}
