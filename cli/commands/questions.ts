/** Asking and suggesting before signing, and answering. */
import { defined } from '../../plan/defined.ts';
import type { JsonObject, Plan } from '../../plan/plan.ts';
import { acceptedText, type QuestionTold } from '../../presentation/gate-questions.ts';
import { Api } from '../api-client.ts';
import { usage } from '../exit.ts';
import { inputPairs } from '../inputs.ts';
import { apiOptions, type Options, text } from './options.ts';

export async function ask([run = '', step = '']: string[], options: Options): Promise<void> {
  const words = said(options, 'What do you ask? --comment "…"');
  const api = await Api.connect(apiOptions(options));
  const path = pathOf(run, step);
  const inputs = options.input === undefined ? undefined : await suggested(run, options, api);
  await api.post(path, { text: words, ...defined({ inputs }) });
  const { answeredBy } = await api.get<{ answeredBy: string[] }>(path);
  if (options.json) return console.log(JSON.stringify({ asked: words, ...defined({ inputs }), answeredBy }));
  console.log(
    `${inputs ? 'Suggested' : 'Asked'}. ${answeredBy.join(', ')} can answer, and you are told when there is an answer.`,
  );
}

export async function answer(
  [run = '', step = '', question = '']: string[],
  options: Options,
): Promise<void> {
  if (!/^\d+$/.test(question)) throw usage(`"${question}" is no number of a question.`);
  const words = said(options, 'What do you answer? --comment "…"');
  const api = await Api.connect(apiOptions(options));
  await api.post(`${pathOf(run, step)}/${question}/answer`, { text: words });
  console.log(options.json ? JSON.stringify({ answered: Number(question), text: words }) : 'Answered.');
}

export async function accept(words: string[], options: Options): Promise<void> {
  const comment = text(options, 'comment')?.trim();
  await settle('accept', words, options, defined({ text: comment || undefined }));
}

export async function decline(words: string[], options: Options): Promise<void> {
  await settle('decline', words, options, { text: said(options, 'Why is it declined? --comment "…"') });
}

async function settle(
  way: 'accept' | 'decline',
  [run = '', step = '', question = '']: string[],
  options: Options,
  body: { text?: string },
): Promise<void> {
  if (!/^\d+$/.test(question)) throw usage(`"${question}" is no number of a suggestion.`);
  const api = await Api.connect(apiOptions(options));
  const path = pathOf(run, step);
  await api.post(`${path}/${question}/${way}`, body);
  if (way === 'decline')
    return console.log(options.json ? JSON.stringify({ decline: Number(question), ...body }) : 'Declined.');
  const { questions } = await api.get<{ questions: QuestionTold[] }>(path);
  const { instead = [], proposed } = questions.find(({ id }) => id === Number(question)) ?? {};
  console.log(
    options.json
      ? JSON.stringify({ accept: Number(question), ...body, ...defined({ proposed }) })
      : `Accepted. ${acceptedText(instead, proposed)}`,
  );
}

async function suggested(run: string, options: Options, api: Api): Promise<JsonObject> {
  const { runbook } = await api.get<{ runbook: string }>(`/runs/${encodeURIComponent(run)}`);
  const { inputs } = await api.get<Pick<Plan, 'inputs'>>(`/runbooks/${encodeURIComponent(runbook)}`);
  return inputPairs(options, inputs);
}

function said(options: Options, missing: string): string {
  const words = text(options, 'comment')?.trim();
  if (words) return words;
  throw usage(missing);
}

function pathOf(run: string, step: string): string {
  return `/runs/${encodeURIComponent(run)}/steps/${encodeURIComponent(step)}/questions`;
}
