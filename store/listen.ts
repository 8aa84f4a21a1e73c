/**
 * Hears from PostgreSQL (LISTEN) what the worker has just written, over one connection of its own. A message may be lost
 * while that connection is down: once it is back, everybody is told to look again.
 */
import pg from 'pg';
import { asStoreError, type Query } from './database.ts';

const runsChannel = 'runs';
const inboxChannel = 'inbox';

/** PostgreSQL's limit for a message is 8,000 bytes. */
const longestMessage = 7_000;
/** Instead of assignees that would not fit. */
const everybody = '*';

/**
 * Within the transaction that writes the entries: heard when it is committed, and only then. By run: the status that it told, or nothing
 * where that did not change.
 */
export async function announceRuns(query: Query, runs: ReadonlyMap<string, string>): Promise<void> {
  const texts = [...runs].map(([id, status]) => `${id} ${status}`);
  await query('select pg_notify($1, told) from unnest($2::text[]) told', [runsChannel, texts]);
}

export async function announceInbox(query: Query, assignees: readonly string[]): Promise<void> {
  const text = JSON.stringify(assignees);
  const fits = Buffer.byteLength(text) <= longestMessage;
  await query('select pg_notify($1, $2)', [inboxChannel, fits ? text : JSON.stringify([everybody])]);
}

/** Told the status that the run told, where it is known. */
export type Look = (status?: string) => void;

const firstBackoffMs = 100;
const longestBackoffMs = 2_000;

export class Changes {
  private readonly url: string;
  private readonly log: (line: string) => void;
  private readonly runs = new Map<string, Set<Look>>();
  private readonly inboxes = new Map<Look, ReadonlySet<string>>();
  private client: pg.Client | undefined;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  private backoffMs = firstBackoffMs;

  constructor(url: string, log: (line: string) => void) {
    this.url = url;
    this.log = log;
  }

  /** Begins to listen. Rejects when the database is away; later it comes back by itself. */
  async start(): Promise<void> {
    try {
      await this.connect();
    } catch (error) {
      throw asStoreError(error);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    const { client } = this;
    this.client = undefined;
    await client?.end().catch(() => {});
  }

  /** `look` is called after each change of the run, and after a gap in the connection. Returns what ends that. */
  ofRun(runId: string, look: Look): () => void {
    const looks = this.runs.get(runId) ?? new Set();
    this.runs.set(runId, looks.add(look));
    return () => {
      looks.delete(look);
      if (looks.size === 0 && this.runs.get(runId) === looks) this.runs.delete(runId);
    };
  }

  /** The same for what waits for these assignees (`person:…`, `role:…`). */
  ofInbox(assignees: readonly string[], look: Look): () => void {
    this.inboxes.set(look, new Set([...assignees, everybody]));
    return () => this.inboxes.delete(look);
  }

  private async connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.url,
      connectionTimeoutMillis: 3_000,
      keepAlive: true,
      application_name: 'countersign changes',
    });
    client.on('error', () => this.lost(client));
    client.on('end', () => this.lost(client));
    client.on('notification', ({ channel, payload = '' }) => this.heard(channel, payload));
    try {
      await client.connect();
      await client.query(`listen ${runsChannel}; listen ${inboxChannel}`);
    } catch (error) {
      await client.end().catch(() => {});
      throw error;
    }
    if (this.closed) return client.end();
    this.client = client;
    this.backoffMs = firstBackoffMs;
  }

  private lost(client: pg.Client): void {
    if (this.client !== client) return;
    this.client = undefined;
    void client.end().catch(() => {});
    this.log('The database went away; live views follow again once it is back.');
    this.reconnect();
  }

  private reconnect(): void {
    if (this.closed) return;
    this.timer = setTimeout(() => {
      this.connect().then(
        () => this.lookEverywhere(),
        () => this.reconnect(),
      );
    }, this.backoffMs);
    this.backoffMs = Math.min(this.backoffMs * 2, longestBackoffMs);
  }

  private heard(channel: string, payload: string): void {
    if (channel === runsChannel) {
      const [run = '', status] = payload.split(' ');
      for (const look of this.runs.get(run) ?? []) look(status || undefined);
    }
    if (channel !== inboxChannel) return;
    const changed = JSON.parse(payload) as string[];
    for (const [look, assignees] of this.inboxes) if (changed.some((each) => assignees.has(each))) look();
  }

  /** What happened while the connection was down, nobody has heard. */
  private lookEverywhere(): void {
    for (const looks of this.runs.values()) for (const look of looks) look();
    for (const look of this.inboxes.keys()) look();
  }
}
