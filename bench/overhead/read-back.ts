/**
 * A write through the action kit, to a system of one request a look and one a change: what it costs to read each write back. Worker
 * and system are processes of their own.
 */
import { createServer, type Server } from 'node:http';
import { type Static, type TObject, Type } from 'typebox';
import { activitiesOf } from '../../activities/kit/activity.ts';
import { AttemptClient } from '../../activities/kit/attempt-client.ts';
import { defineAction } from '../../activities/kit/define-action.ts';
import { defineConnector } from '../../activities/kit/define-connector.ts';
import { ensure } from '../../activities/kit/ensure.ts';
import { testServices } from '../../activities/kit/testing.ts';
import { defined } from '../../plan/defined.ts';
import type { Activity } from '../../worker/worker.ts';

const input = Type.Object({ user: Type.String(), previous: Type.String(), note: Type.String() });
const output = Type.Object({ id: Type.String() });

class SwitchClient extends AttemptClient {
  readonly url: string;
  constructor(url: string) {
    super();
    this.url = url;
  }
}

/** As a connector's own, with `verify` or without. */
export function keptActivities(url: string, isReadBack: boolean): Record<string, Activity> {
  const made = ensure<Static<typeof input>, SwitchClient, { on: boolean }, Static<typeof output>>({
    look: async (_, { client, key }) => {
      const answer = await fetch(`${client.url}/${key}`, { signal: client.signal });
      return { on: (await answer.text()) === 'on' };
    },
    isDone: ({ on }) => on,
    change: async (_, __, { client, key }) => {
      await (await fetch(`${client.url}/${key}`, { method: 'POST', signal: client.signal })).text();
    },
    output: (_, { user }) => ({ id: user }),
    words: { done: () => 'is on', would: () => 'would switch it on' },
  });
  const action = defineAction({
    name: 'bench.write',
    title: 'Write',
    description: 'Writes.',
    effect: 'write',
    source: 'None',
    input,
    output,
    examples: [],
    run: made.run,
    ...defined({ verify: isReadBack ? made.verify : undefined }),
  });
  const connector = defineConnector({
    name: 'bench',
    title: 'The system',
    settings: Type.Object({}) as TObject,
    sameSystem: [],
    connect: () => new SwitchClient(url),
    actions: [action],
    callsPerSecond: 100_000,
  });
  return activitiesOf([connector], testServices({ bench: {} })).bench ?? {};
}

export interface Switches {
  url: string;
  requests(): number;
  close(): void;
}

/** Remembers what was switched on, and counts how often it was asked. */
export async function startSwitches(): Promise<Switches> {
  const on = new Set<string>();
  let requests = 0;
  const server: Server = createServer((request, response) => {
    requests += 1;
    if (request.method === 'POST') on.add(request.url ?? '');
    response.end(on.has(request.url ?? '') ? 'on' : 'off');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    requests: () => requests,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
