/** What ticket systems sent: the list, one in full, and handling one again. */

import { defined } from '../../plan/defined.ts';
import { shortRunId } from '../../plan/run-name.ts';
import type { Delivery, DeliveryInFull } from '../../store/deliveries.ts';
import { parseBody, type Reading } from '../../tickets/ticket-system.ts';
import { Api } from '../api-client.ts';
import { usage } from '../exit.ts';
import { readingText } from '../reading-text.ts';
import { age, table } from '../text.ts';
import { apiOptions, type Options, text } from './options.ts';

const shortId = 8;

export async function deliveries([action, id, ...rest]: string[], options: Options): Promise<void> {
  if (action === undefined) return list(options);
  if (action !== 'show' && action !== 'replay')
    throw usage(`There is no "deliveries ${action}", only "deliveries show ID" and "deliveries replay ID".`);
  if (id === undefined || rest.length > 0)
    throw usage(
      `Name one delivery: countersign deliveries ${action} ID. See them with \`countersign deliveries\`.`,
    );
  return action === 'show' ? show(id, options) : replay(id, options);
}

async function list(options: Options): Promise<void> {
  const api = await Api.connect(apiOptions(options));
  const query = new URLSearchParams({
    limit: text(options, 'limit') ?? '50',
    ...defined({ outcome: options.rejected ? 'rejected' : undefined }),
  });
  const answer = await api.get<{ deliveries: Delivery[]; countedOnly: Record<string, number> }>(
    `/deliveries?${query}`,
  );
  if (options.json) return console.log(JSON.stringify(answer));
  if (answer.deliveries.length === 0)
    console.log(options.rejected ? 'Nothing was rejected.' : 'Nothing has come in.');
  else {
    const rows = answer.deliveries.map((delivery) => [
      delivery.id.slice(0, shortId),
      age(delivery.receivedAt),
      delivery.system,
      delivery.believed ? delivery.outcome : 'not believed',
      delivery.runId ? shortRunId(delivery.runId) : '',
      delivery.reason ?? '',
    ]);
    console.log(table([['DELIVERY', 'RECEIVED', 'SYSTEM', 'OUTCOME', 'RUN', 'WHY'], ...rows]));
  }
  for (const [system, more] of Object.entries(answer.countedOnly))
    console.log(`${system}: ${more} more of the last day were not believed, and only counted.`);
}

async function show(id: string, options: Options): Promise<void> {
  const api = await Api.connect(apiOptions(options));
  const delivery = await api.get<DeliveryInFull & { reading?: Reading }>(
    `/deliveries/${encodeURIComponent(id)}`,
  );
  if (options.json) return console.log(JSON.stringify(delivery));
  const { attempts, reason, runId, believed, reading, replays, body, emptiedAt } = delivery;
  const why = reason ? `: ${reason}` : '';
  const lines = [
    `Delivery ${delivery.id}`,
    `  from       ${delivery.system}, ${age(delivery.receivedAt)}${attempts > 1 ? `, ${attempts} times` : ''}`,
    `  outcome    ${believed ? delivery.outcome : 'not believed'}${why}`,
    ...(runId ? [`  run        ${runId}`] : []),
    ...replays.map(
      (each) =>
        `  again      ${age(each.at)} by ${each.by}: ${each.outcome}${each.reason ? `: ${each.reason}` : ''}`,
    ),
    ...(emptiedAt !== undefined
      ? [`  removed    what it said was removed ${age(emptiedAt)}, as \`retention\` says.`]
      : readLines(reading, body)),
  ];
  console.log(lines.join('\n'));
}

function readLines(reading: Reading | undefined, body: string): string[] {
  return [
    `  read       ${reading ? readingText(reading) : 'nothing: the body is not a JSON object.'}`,
    '',
    prettily(body),
  ];
}

async function replay(id: string, options: Options): Promise<void> {
  const api = await Api.connect(apiOptions(options));
  const answer = await api.post<{ outcome: string; reason?: string; run?: string }>(
    `/deliveries/${encodeURIComponent(id)}/replay`,
    {},
  );
  if (options.json) return console.log(JSON.stringify(answer));
  const { outcome, reason, run } = answer;
  console.log(`Handled again: ${outcome}${run ? `, run ${run}` : ''}${reason ? `. ${reason}` : ''}`);
}

function prettily(body: string): string {
  const parsed = parseBody(body);
  return parsed ? JSON.stringify(parsed, null, 2) : body;
}
