/** A listener that nothing is put in front of: whoever comes to it is at this machine. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Hosts } from './hosts.ts';

export interface LocalListener {
  url: string;
  close(): Promise<void>;
}

/** The same server as `app`, on a port of its own on loopback. Port 0 takes any that is free. */
export async function listenLocally(
  app: FastifyInstance,
  hosts: Hosts,
  port: number,
): Promise<LocalListener> {
  const server: Server = createServer((request, response) => {
    hosts.cameToOwnListener(request.socket);
    app.routing(request, response);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${taken}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
