/** Everything about one person, over all runs: what they asked for, were asked, signed, changed and did. */
import { runName, shortRunId } from '../../plan/run-name.ts';
import { Api } from '../api-client.ts';
import { localTime } from '../text.ts';
import { apiOptions, type Options, text } from './options.ts';

interface Doing {
  run: string;
  title: string;
  subject?: string;
  ticket?: { key: string };
  at: number;
  text: string;
  said?: string;
}

export async function person([email = '']: string[], options: Options): Promise<void> {
  const api = await Api.connect(apiOptions(options));
  const query = new URLSearchParams();
  const [from, before] = [text(options, 'from'), text(options, 'before')];
  if (from) query.set('from', from);
  if (before) query.set('before', before);
  const answer = await api.get<{ person: string; doings: Doing[]; more: boolean }>(
    `/people/${encodeURIComponent(email)}/doings?${query}`,
  );
  if (options.json) return console.log(JSON.stringify(answer));
  if (answer.doings.length === 0)
    return console.log(`Nothing is on record of ${answer.person} in that time.`);
  let last = '';
  for (const { run, title, subject, ticket, at, text: sentence, said } of answer.doings) {
    if (run !== last)
      console.log(
        `\n${runName({ title, subject })}${ticket ? `, ${ticket.key}` : ''} (run ${shortRunId(run)})`,
      );
    last = run;
    console.log(`  ${localTime(at)}  ${sentence}${said ? ` — ${said}` : ''}`);
  }
  if (answer.more) console.log('\nThere is more: ask again with --from.');
}
