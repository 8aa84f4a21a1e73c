/** Asking before signing, and answering. */
import { Api } from '../api-client.ts';
import { usage } from '../exit.ts';
import { apiOptions, type Options, text } from './options.ts';

export async function ask([run = '', step = '']: string[], options: Options): Promise<void> {
  const words = said(options, 'What do you ask? --comment "…"');
  const api = await Api.connect(apiOptions(options));
  const path = pathOf(run, step);
  await api.post(path, { text: words });
  const { answeredBy } = await api.get<{ answeredBy: string[] }>(path);
  if (options.json) return console.log(JSON.stringify({ asked: words, answeredBy }));
  console.log(`Asked. ${answeredBy.join(', ')} can answer, and you are told when there is an answer.`);
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

function said(options: Options, missing: string): string {
  const words = text(options, 'comment')?.trim();
  if (words) return words;
  throw usage(missing);
}

function pathOf(run: string, step: string): string {
  return `/runs/${encodeURIComponent(run)}/steps/${encodeURIComponent(step)}/questions`;
}
