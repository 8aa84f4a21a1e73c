import { defined } from '../../plan/defined.ts';
import type { Plan } from '../../plan/plan.ts';
import { Api } from '../api-client.ts';
import { givenInputs, ticketSystemOf } from '../inputs.ts';
import { follow } from './follow.ts';
import { apiOptions, type Options, text } from './options.ts';

export async function run([runbook = '']: string[], options: Options): Promise<void> {
  const api = await Api.connect(apiOptions(options));
  const { inputs: taken, triggers } = await api.get<Pick<Plan, 'inputs' | 'triggers'>>(
    `/runbooks/${encodeURIComponent(runbook)}`,
  );
  const inputs = givenInputs(options, taken) ?? {};
  const key = text(options, 'ticket');
  const started = await api.post<{ id: string }>('/runs', {
    runbook,
    inputs,
    ...defined({ ticket: key ? { system: ticketSystemOf(triggers), key } : undefined }),
  });
  if (options.json) console.log(JSON.stringify(started));
  else console.log(`Started ${runbook} as ${started.id}.\nLook at it: countersign show ${started.id}`);
  if (options.watch) await follow(api, started.id);
}
