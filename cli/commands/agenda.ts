/** What a role is to decide, and what it decided. */
import { type AgendaItem, agendaBlocks, type Decision, minutesBlocks } from '../../presentation/agenda.ts';
import { toMarkdown } from '../../presentation/markdown.ts';
import { Api } from '../api-client.ts';
import { apiOptions, type Options, text } from './options.ts';

export async function agenda([role = '']: string[], options: Options): Promise<void> {
  const api = await Api.connect(apiOptions(options));
  const query = new URLSearchParams({ role });
  const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!options.minutes) {
    const answer = await api.get<{ role: string; items: AgendaItem[]; more: boolean }>(`/agenda?${query}`);
    const blocks = () => agendaBlocks(answer.items, { ...answer, timezone });
    return console.log(options.json ? JSON.stringify(answer) : toMarkdown(blocks()));
  }
  for (const name of ['from', 'to']) {
    const given = text(options, name);
    if (given !== undefined) query.set(name, given);
  }
  const answer = await api.get<{
    role: string;
    from: number;
    to: number;
    decisions: Decision[];
    more: boolean;
  }>(`/minutes?${query}`);
  const blocks = () => minutesBlocks(answer.decisions, { ...answer, timezone });
  console.log(options.json ? JSON.stringify(answer) : toMarkdown(blocks()));
}
