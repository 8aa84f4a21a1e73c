/** Between a client and a web service: passes on what is asked, and loses answers. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HttpRelay {
  url: string;
  /** Passes the nth request from now (from 1) on, and drops the connection before its answer. */
  loseAnswer(nth: number): void;
  /** How many requests came since. */
  requests(): number;
  stop(): Promise<void>;
}

export async function httpRelay(to: string): Promise<HttpRelay> {
  let [count, lostAt] = [0, 0];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const isLost = ++count === lostAt;
    const { authorization = '', 'content-type': type = 'application/json' } = request.headers;
    const answer = await fetch(`${to}${request.url}`, {
      method: request.method ?? 'POST',
      headers: { authorization, 'content-type': type },
      body: Buffer.concat(parts),
    });
    const body = await answer.text();
    if (isLost) return void request.socket.destroy();
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    loseAnswer(nth) {
      [count, lostAt] = [0, nth];
    },
    requests: () => count,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
