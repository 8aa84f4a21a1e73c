/** How long a service takes for what it does not do at once, in milliseconds. The demo and the tests may change it. */
import type { FastifyInstance } from 'fastify';

export class Pace<Name extends string> {
  private readonly usual: Record<Name, number>;
  private current: Record<Name, number>;

  constructor(usual: Record<Name, number>) {
    this.usual = usual;
    this.current = { ...usual };
  }

  of(name: Name): number {
    return this.current[name];
  }

  reset(): void {
    this.current = { ...this.usual };
  }

  /** `POST path { name: milliseconds }`; what is not named stays as it is. */
  route(app: FastifyInstance, path: string): void {
    app.post(path, async (request, reply) => {
      const wanted = (request.body ?? {}) as Record<string, unknown>;
      for (const [name, ms] of Object.entries(wanted))
        if (!(name in this.usual) || typeof ms !== 'number' || ms < 0)
          return reply
            .code(400)
            .send({ message: `Give milliseconds for any of ${Object.keys(this.usual).join(', ')}.` });
      Object.assign(this.current, wanted);
      return reply.code(204).send();
    });
  }
}
