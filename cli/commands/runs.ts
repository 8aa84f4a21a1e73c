import { shortRunId } from '../../plan/run-name.ts';
import type { RunRow } from '../../store/runs.ts';
import { Api } from '../api-client.ts';
import { usage } from '../exit.ts';
import { age, statusText, table } from '../text.ts';
import { apiOptions, type Options, text } from './options.ts';

export async function runs(_args: string[], options: Options): Promise<void> {
  const api = await Api.connect(apiOptions(options));
  const query = new URLSearchParams();
  const [status, waitingFor, limit] = [
    text(options, 'status'),
    text(options, 'waitingFor'),
    text(options, 'limit'),
  ];
  if (waitingFor && waitingFor !== 'me')
    throw usage('--waiting-for takes `me`. To look for somebody else: --as THEIR-ADDRESS.');
  if (status) query.set('status', status);
  if (waitingFor) query.set('waitingFor', waitingFor);
  if (limit) query.set('limit', limit);
  const [person, from, before] = [text(options, 'person'), text(options, 'from'), text(options, 'before')];
  const [find, runbook] = [text(options, 'find'), text(options, 'runbook')];
  if (find) query.set('q', find);
  if (runbook) query.set('runbook', runbook);
  if (person) query.set('concerning', person);
  if (from) query.set('from', from);
  if (before) query.set('before', before);
  const answer = await api.get<{ runs: RunRow[] }>(`/runs?${query}`);
  if (options.json) return console.log(JSON.stringify(answer));
  if (answer.runs.length === 0) {
    return console.log(
      waitingFor
        ? `No run waits for ${api.as}.`
        : `${api.as} sees no runs. Whose they are and who operates them sees them: say who you are with --as.`,
    );
  }
  console.log(table([['RUN', 'RUNBOOK', 'STATUS', 'STARTED', 'WAITS FOR'], ...answer.runs.map(rowOf)]));
}

function rowOf(run: RunRow): string[] {
  const waits = run.waitingOn.map(({ step, people, role, event }) => {
    const what = event ? [`${event.name} ${event.key}`] : [];
    const whom = [...people, ...(role ? [`role:${role}`] : []), ...what].join(', ');
    return whom ? `${step} (${whom})` : step;
  });
  const about = [run.runbook, run.subject, run.ticket?.key].filter(Boolean).join(' ');
  return [shortRunId(run.id), about, statusText(run.status), age(run.startedAt), waits.join('; ')];
}
