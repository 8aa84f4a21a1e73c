/** Live views: what happens in a run, and that an inbox has changed. */
import type { FastifyRequest } from 'fastify';
import { withoutSealed } from '../../presentation/sealed.ts';
import { assigneesOf } from '../../store/inbox.ts';
import type { RunRow } from '../../store/runs.ts';
import type { Store } from '../../store/store.ts';
import type { JournalEntry } from '../../workflows/journal.ts';
import { gives, nothing } from '../schemas/answers.ts';
import { afterQuery, runId } from '../schemas/bodies.ts';
import { type Routes, readableRun, who } from './request.ts';
import type { Stream } from './streams.ts';

const inboxDebounceMs = 500;
/** Rows read at once, so that a long journal does not fill the memory. */
const pageSize = 500;
/** An entry that the worker lost comes late, and what follows it waits for it so long. */
const longestGapMs = 20_000;

const events = (description: string) => ({
  200: { description, content: { 'text/event-stream': { schema: { type: 'string' } } } },
});

export const eventRoutes: Routes = {
  for: 'signed in',
  add(api, parts) {
    const { store, changes, streams, signIn } = parts;

    api.get(
      '/runs/:id/events',
      {
        schema: {
          summary: 'What happens in a run, as it happens',
          tags: ['runs'],
          params: runId,
          querystring: afterQuery,
          response: {
            ...gives(nothing, 204),
            ...events(
              'Server-Sent Events: `entry` (a journal entry, its number as id), `status` (`status`, `waitingOn`) and `question` (that something was asked or answered at a signature). It ends after the run’s end.',
            ),
          },
        },
      },
      async (request, reply) => {
        const row = await readableRun(request, store);
        const after = lastSeen(request);
        // What a browser that comes back takes as the end; after an answer that ends it would come again and again.
        if (row.endedAt && after > 0 && (await store.runs.journal(row.id, after, 1)).length === 0)
          return reply.code(204).send();
        const follower = new RunFollower(row, after, store);
        streams.begin(request, reply, {
          pump: (stream) => follower.pump(stream),
          follow: (look) => changes.ofRun(row.id, look),
          check: () => signIn.principal(request),
        });
      },
    );
    api.get(
      '/inbox/events',
      {
        schema: {
          summary: 'That something in your inbox may have changed',
          tags: ['inbox'],
          response: { ...gives({}), ...events('Server-Sent Events: `changed`, at most twice a second.') },
        },
      },
      async (request, reply) => {
        const { id, roles } = who(request);
        const own = assigneesOf(id, roles);
        let heard = false;
        streams.begin(request, reply, {
          // Called once before anything has happened; then, and at each heartbeat, there may be nothing new.
          pump: async (stream) => {
            if (!heard) return;
            // Before it is written: what is heard meanwhile is another change.
            heard = false;
            await stream.event('changed', {});
          },
          follow: (look) =>
            changes.ofInbox(own, () => {
              heard = true;
              look();
            }),
          check: () => signIn.principal(request),
          debounceMs: inboxDebounceMs,
        });
      },
    );
  },
};

/** From where a browser goes on: it repeats the last id by itself when it comes back. */
function lastSeen(request: FastifyRequest): number {
  const last = Number(request.headers['last-event-id']);
  const { after } = request.query as { after: number };
  return Number.isSafeInteger(last) && last > after ? last : after;
}

/** Where one stream is in the journal of its run. */
class RunFollower {
  private readonly row: RunRow;
  private readonly store: Store;
  private seen: number;
  private status = '';
  private question: number | undefined;
  private gapSince: number | undefined;

  constructor(row: RunRow, after: number, store: Store) {
    this.row = row;
    this.store = store;
    this.seen = after;
  }

  /** The entries that are new, in order, then the status where it has changed. Ends the stream after the run's end. */
  async pump(stream: Stream): Promise<void> {
    // Before the entries: what has ended by now has written all of them.
    const row = await this.store.runs.find(this.row.id);
    if (!row || row === 'ambiguous') return stream.end();
    for (;;) {
      const page = await this.store.runs.journal(row.id, this.seen, pageSize);
      const next = this.withoutGap(page);
      for (const entry of next) await stream.event('entry', withoutSealed(entry), entry.seq);
      this.seen = next.at(-1)?.seq ?? this.seen;
      if (page.length < pageSize || next.length < page.length) break;
    }
    const { status, waitingOn } = row;
    const now = JSON.stringify({ status, waitingOn });
    if (now !== this.status) await stream.event('status', withoutSealed({ status, waitingOn }));
    this.status = now;
    const question = await this.store.questions.last(row.id);
    if (this.question !== undefined && question > this.question) await stream.event('question', {});
    this.question = question;
    if (row.endedAt && this.gapSince === undefined) stream.end();
  }

  /** Up to the first number that is missing, unless it has been missing for too long to come. */
  private withoutGap(page: readonly JournalEntry[]): readonly JournalEntry[] {
    const gap = page.findIndex(({ seq }, index) => seq !== this.seen + index + 1);
    if (gap === -1) {
      this.gapSince = undefined;
      return page;
    }
    this.gapSince ??= Date.now();
    if (Date.now() - this.gapSince < longestGapMs) return page.slice(0, gap);
    this.gapSince = undefined;
    return page;
  }
}
