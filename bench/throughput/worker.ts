/** The two processes of the workflow by hand: one takes the deliveries and the signatures, the other does the work. */
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { type InjectedSinks, NativeConnection, Worker } from '@temporalio/worker';
import { connectors } from '../../activities/index.ts';
import { activitiesOf } from '../../activities/kit/activity.ts';
import { connectorSettings, readConfiguration, secretsOf } from '../../activities/kit/configured-services.ts';
import { Outbound } from '../../activities/kit/outbound.ts';
import { quietTemporalLog } from '../../processes/temporal-logging.ts';
import { ticketSystem } from '../../tickets/systems.ts';
import { parseBody } from '../../tickets/ticket-system.ts';
import { loadKeyRing } from '../../vault/key-ring.ts';
import { dataConverter } from '../../vault/payloads.ts';
import { Seal } from '../../vault/seal.ts';
import type { Hire, ToldSinks } from './by-hand.ts';

export interface ByHandArguments {
  role: 'hook' | 'worker';
  address: string;
  namespace: string;
  dataFolder: string;
  repository: string;
  bundle: string;
  webhookSecret: string;
}

/** What the processes tell the bench. */
export type Told = { ready: { url?: string } } | { what: 'gate' | 'end'; key: string };

const taskQueue = 'by-hand';
const mostSigned = 64 * 1024;

quietTemporalLog();
const settings = JSON.parse(process.argv[2] ?? '{}') as ByHandArguments;
const { address, namespace, dataFolder } = settings;
const keys = await loadKeyRing(dataFolder);
const converter = dataConverter(keys, { strangers: 'mark' });
const say = (told: Told) => process.send?.(told);

if (settings.role === 'hook') await listen();
else await work();
process.on('disconnect', () => process.exit(0));

/** Verifies a delivery and starts its workflow, as the gateway must. */
async function listen(): Promise<void> {
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace, dataConverter: dataConverter(keys) });
  const jira = ticketSystem('jira');
  if (!jira) throw new Error('Jira is not known');
  const deliver = async (request: IncomingMessage, body: Buffer): Promise<number> => {
    const header = (name: string) => [request.headers[name] ?? []].flat()[0];
    if (jira.doubt({ header, body, receivedAt: Date.now() }, settings.webhookSecret)) return 401;
    const read = jira.read(parseBody(body.toString('utf8')) ?? {});
    if (!('transition' in read)) return 200;
    const { ticket, fields } = ticketOf(body);
    if (read.transition.project !== 'HR') return 200;
    const hire: Hire = { key: ticket, ...fields };
    await client.workflow.start('quickHire', {
      workflowId: `by-hand-${ticket}`,
      taskQueue,
      args: [hire],
      workflowTaskTimeout: '5s',
    });
    return 202;
  };
  const server = createServer(async (request, response) => {
    try {
      const body = await bodyOf(request);
      if (request.url === '/hooks/jira') response.statusCode = await deliver(request, body);
      else {
        const { key, by } = JSON.parse(body.toString('utf8')) as { key: string; by: string };
        await client.workflow.getHandle(`by-hand-${key}`).executeUpdate('sign', { args: [by] });
      }
    } catch (error) {
      response.statusCode = 500;
      response.write(String(error));
    }
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const at = server.address();
  say({ ready: { url: `http://127.0.0.1:${typeof at === 'object' ? at?.port : ''}` } });
}

function ticketOf(body: Buffer): { ticket: string; fields: Omit<Hire, 'key'> } {
  const { issue } = JSON.parse(body.toString('utf8')) as {
    issue: { key: string; fields: Record<string, unknown> };
  };
  const { fields } = issue;
  return {
    ticket: issue.key,
    fields: {
      givenName: String(fields.customfield_10101),
      familyName: String(fields.customfield_10102),
      manager: (fields.customfield_10104 as { emailAddress: string }).emailAddress,
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  if (body.length > mostSigned) throw new Error('the body is too large');
  return body;
}

async function work(): Promise<void> {
  const path = join(settings.repository, 'countersign.yaml');
  const configuration = await readConfiguration(path);
  const configured = await connectorSettings(configuration, path);
  const groups = activitiesOf(connectors, {
    secrets: secretsOf(configuration, path),
    seal: new Seal(keys),
    settings: (connector) => configured[connector],
    outbound: new Outbound(configuration.outbound),
  });
  const sinks: InjectedSinks<ToldSinks> = {
    told: { event: { fn: (_, what, key) => void say({ what, key }), callDuringReplay: false } },
  };
  const used = ['entra', 'jira', 'mail'].map((name) => groups[name] ?? {});
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address }),
    namespace,
    dataConverter: converter,
    taskQueue,
    workflowBundle: { codePath: settings.bundle },
    activities: Object.assign({}, ...used.map(({ default: _, ...named }) => named)),
    sinks,
    maxHeartbeatThrottleInterval: '500ms',
    stickyQueueScheduleToStartTimeout: '1s',
  });
  void worker.run();
  say({ ready: {} });
}
