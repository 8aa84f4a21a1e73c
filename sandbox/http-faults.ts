/** Acts faults out over HTTP, in the words of the system that is asked. */
import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Fault } from './faults.ts';
import type { StandIn } from './stand-in.ts';

/** True when the request has been dealt with and must go no further. */
export async function actOut(
  fault: Fault,
  standIn: StandIn,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<boolean> {
  switch (fault.kind) {
    case 'status': {
      const status = fault.status ?? 503;
      if (fault.retryAfter !== undefined) reply.header('retry-after', String(fault.retryAfter));
      await reply.code(status).send(standIn.errorBody(status, request, reply));
      return true;
    }
    case 'timeout':
      reply.hijack();
      return true;
    case 'reset':
      reply.hijack();
      request.raw.socket.destroy();
      return true;
    case 'delay':
      await wait(fault.delayMs ?? 1_000);
      return false;
    case 'lostAnswer':
      // The handler does its work; what it answers never gets out.
      reply.raw.write = () => true;
      reply.raw.end = () => {
        // Answered it is all the same: nobody else is to answer it.
        reply.hijack();
        request.raw.socket.destroy();
        return reply.raw;
      };
      return false;
    // These are about what the directory shows, and not about a request.
    case 'notFoundAfterCreate':
    case 'lateLicenses':
      return false;
  }
}
