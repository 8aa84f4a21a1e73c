/** Which methods a path has, so that a wrong one is told from a wrong path. */
import type { FastifyInstance } from 'fastify';

export class PlayedRoutes {
  private readonly routes: { method: string; segments: string[] }[] = [];

  /** Must come before the routes are added. */
  constructor(app: FastifyInstance) {
    app.addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat())
        if (each !== 'HEAD') this.routes.push({ method: each, segments: url.split('/') });
    });
  }

  methodsOf(path: string): string[] {
    const wanted = path.split('/');
    return this.routes
      .filter(
        ({ segments }) =>
          segments.length === wanted.length &&
          segments.every((segment, index) => segment.startsWith(':') || segment === wanted[index]),
      )
      .map((route) => route.method);
  }
}
