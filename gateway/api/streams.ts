/** Server-Sent Events: how they are written, how many there may be, and when they end. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../problem.ts';

const mostStreams = 200;
const usualHeartbeatMs = 15_000;

export interface StreamOptions {
  /** Writes what is new since it was last called. Called at once, after each change, and now and then in between. */
  pump(stream: Stream): Promise<void>;
  /** Calls `look` whenever there may be something new. Returns what ends that. */
  follow(look: () => void): () => void;
  /** Rejects once whoever listens is no longer signed in. */
  check(): Promise<unknown>;
  /** Changes within this time are one. */
  debounceMs?: number;
}

export class Streams {
  private readonly open = new Set<Stream>();
  private readonly heartbeatMs: number;

  constructor({ heartbeatMs = usualHeartbeatMs } = {}) {
    this.heartbeatMs = heartbeatMs;
  }

  /** Takes over the answer. Throws a {@link Problem} (503) when there are too many. */
  begin(request: FastifyRequest, reply: FastifyReply, options: StreamOptions): void {
    if (this.open.size >= mostStreams) {
      throw new Problem(
        503,
        'Too many live views',
        `${mostStreams} live views are open, which is as many as there may be. Close some, or reload the page later.`,
        { retryAfter: 30 },
      );
    }
    reply.hijack();
    const stream = new Stream(request, reply, options, () => this.open.delete(stream));
    this.open.add(stream);
    stream.start(this.heartbeatMs);
  }

  /** So that the server can stop: whoever listened comes back with the number of the last event. */
  endAll(): void {
    for (const stream of this.open) stream.end();
  }
}

export class Stream {
  private readonly raw: FastifyReply['raw'];
  private readonly options: StreamOptions;
  private readonly ended: () => void;
  private readonly isOver: () => boolean;
  private unfollow: () => void = () => {};
  private heartbeat: NodeJS.Timeout | undefined;
  private debounce: NodeJS.Timeout | undefined;
  private pumping = false;
  private again = false;

  constructor(request: FastifyRequest, reply: FastifyReply, options: StreamOptions, ended: () => void) {
    this.raw = reply.raw;
    this.options = options;
    this.ended = ended;
    this.isOver = () => this.raw.destroyed || this.raw.writableEnded || request.raw.destroyed;
  }

  start(heartbeatMs: number): void {
    this.raw.on('close', () => this.end());
    // A browser that goes away in the middle of a line is no error; without a listener it would end the process.
    this.raw.on('error', () => this.end());
    this.raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      // No proxy may keep, change or hold back what is written.
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    this.raw.write('retry: 2000\n\n');
    this.unfollow = this.options.follow(() => this.look());
    this.heartbeat = setInterval(() => void this.beat(), heartbeatMs);
    void this.pump();
  }

  /** Resolves when the browser has taken enough of it that more can be written. */
  async event(name: string, data: unknown, id?: number): Promise<void> {
    const lines = [
      `event: ${name}`,
      ...(id === undefined ? [] : [`id: ${id}`]),
      `data: ${JSON.stringify(data)}`,
    ];
    if (this.isOver() || this.raw.write(`${lines.join('\n')}\n\n`)) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        this.raw.off('drain', done).off('close', done);
        resolve();
      };
      this.raw.on('drain', done).on('close', done);
    });
  }

  end(): void {
    clearInterval(this.heartbeat);
    clearTimeout(this.debounce);
    this.unfollow();
    this.ended();
    if (!this.raw.writableEnded) this.raw.end();
  }

  private look(): void {
    const { debounceMs } = this.options;
    if (debounceMs === undefined) return void this.pump();
    this.debounce ??= setTimeout(() => {
      this.debounce = undefined;
      void this.pump();
    }, debounceMs);
  }

  /** A signed-out browser hears no more. Looking again costs little, and helps where a change was not heard. */
  private async beat(): Promise<void> {
    if (this.isOver()) return this.end();
    this.raw.write(': still here\n\n');
    const signedIn = await this.options.check().then(
      () => true,
      // A database that is away has signed nobody out.
      (error: unknown) => !(error instanceof Problem),
    );
    if (signedIn) await this.pump();
    else this.end();
  }

  private async pump(): Promise<void> {
    this.again = true;
    if (this.pumping) return;
    this.pumping = true;
    try {
      while (this.again && !this.isOver()) {
        this.again = false;
        await this.options.pump(this);
      }
    } catch {
      // The database is away: the next change or heartbeat looks again, from where this ended.
    } finally {
      this.pumping = false;
    }
  }
}
