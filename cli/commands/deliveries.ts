import type { Delivery } from '../../store/deliveries.ts';
import { Api } from '../api-client.ts';
import { age, table } from '../text.ts';
import { apiOptions, type Options, text } from './options.ts';

export async function deliveries(_args: string[], options: Options): Promise<void> {
  const api = await Api.connect(apiOptions(options));
  const answer = await api.get<{ deliveries: Delivery[] }>(
    `/deliveries?limit=${text(options, 'limit') ?? '50'}`,
  );
  if (options.json) return console.log(JSON.stringify(answer));
  if (answer.deliveries.length === 0) return console.log('Nothing has come in.');
  const rows = answer.deliveries.map((delivery) => [
    age(delivery.receivedAt),
    delivery.system,
    delivery.outcome,
    delivery.runId?.slice(0, 13) ?? '',
    delivery.reason ?? '',
  ]);
  console.log(table([['RECEIVED', 'SYSTEM', 'OUTCOME', 'RUN', 'WHY'], ...rows]));
}
