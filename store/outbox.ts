/** Messages to people that are still to be sent: each once by its id, tried again until it is taken. */
import { defined } from '../plan/defined.ts';
import type { About, Chat } from '../plan/message.ts';
import { type Database, jsonb, type Query, type Row, storable } from './database.ts';

export interface OutboxMessage {
  id: string;
  to: string[];
  subject: string;
  text: string;
  about?: About;
  /** By chat, and not by mail. */
  chat?: Chat;
}

export interface DueMessage extends OutboxMessage {
  attempts: number;
}

export interface StuckMessage extends OutboxMessage {
  attempts: number;
  /** What the last try met. */
  why: string;
  /** When it was written, and when it is tried next: milliseconds since 1970. */
  since: number;
  next: number;
  /** That it is about; `owner` of one that is listed. */
  run?: { id: string; owner?: string };
}

/** In the caller's transaction: nobody is told of what did not happen. */
export async function putIn(
  query: Database['query'],
  { id, to, subject, text, about, chat }: OutboxMessage,
): Promise<void> {
  await query(
    'insert into outbox (id, recipients, subject, body, about, chat) values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing',
    [
      id,
      jsonb(to),
      storable(subject),
      storable(text),
      about ? jsonb(about) : null,
      chat ? jsonb(chat) : null,
    ],
  );
}

/** What became of a person's decision about a message. */
export type Decided = 'done' | 'not stuck' | 'being sent';

/** Written in the transaction of the decision: none is kept without its record. */
type Recording = (query: Query) => Promise<unknown>;

/** Whoever has not sent a message by then has died over it. */
const claimTime = "interval '2 minutes'";

/** Longest time between two tries of one message. */
const longestWaitSeconds = 15 * 60;

export class Outbox {
  private readonly database: Database;
  private readonly looks = new Set<() => void>();

  constructor(database: Database) {
    this.database = database;
  }

  /** A message that is there already, or was sent before, is not written again. */
  async put(message: OutboxMessage): Promise<void> {
    await putIn((text, values) => this.database.query(text, values), message);
    for (const look of this.looks) look();
  }

  /** `look` is called when this process has written a message. */
  onPut(look: () => void): void {
    this.looks.add(look);
  }

  /** Some that nobody else is sending now: mail, or posts. One whose sender died is given out again after two minutes. */
  async claim(by: 'mail' | 'chat' = 'mail', limit = 20): Promise<DueMessage[]> {
    const rows = await this.database.query(
      `with due as (
         select id from outbox
         where sent_at is null and due_at <= now() and (chat is null) = $2
           and (claimed_at is null or claimed_at < now() - ${claimTime})
         order by due_at limit $1 for update skip locked)
       update outbox o set claimed_at = now(), attempts = attempts + 1 from due where o.id = due.id
       returning o.id, o.recipients, o.subject, o.body, o.about, o.chat, o.attempts`,
      [limit, by === 'mail'],
      'claim-messages',
    );
    return rows.map(messageOf);
  }

  async sent(id: string): Promise<void> {
    // Set aside meanwhile, by whoever took its sender for dead: it went out all the same.
    await this.database.query(
      'update outbox set sent_at = now(), last_error = null, set_aside = null where id = $1',
      [id],
    );
  }

  /** Tried again later: after a second, then twice as long each time, up to a quarter of an hour. */
  async failed({ id, attempts }: Pick<DueMessage, 'id' | 'attempts'>, why: string): Promise<void> {
    const wait = Math.min(longestWaitSeconds, 2 ** Math.min(attempts - 1, 20));
    await this.database.query(
      `update outbox set claimed_at = null, due_at = now() + make_interval(secs => $2), last_error = $3 where id = $1`,
      [id, wait, storable(why)],
    );
  }

  async wasSent(id: string): Promise<boolean> {
    const rows = await this.database.query(
      'select 1 from outbox where id = $1 and sent_at is not null and set_aside is null',
      [id],
    );
    return rows.length > 0;
  }

  /** Tried again at once. Whoever is sending it now goes on, and it is given out to nobody else. */
  tryAgain(id: string, by: string, record?: Recording): Promise<Decided> {
    return this.handle('due_at = now(), tried_again = $2', id, { by }, record);
  }

  /** Nobody sends it any more. Refused while it is being sent: it may go out all the same, and would be on record as given up. */
  setAside(id: string, by: string, why: string, record?: Recording): Promise<Decided> {
    const change = 'sent_at = now(), set_aside = $2';
    return this.handle(change, id, { by, why: storable(why) }, record, true);
  }

  private handle(
    change: string,
    id: string,
    said: Record<string, string>,
    record?: Recording,
    onlyAtRest = false,
  ): Promise<Decided> {
    return this.database.transaction(async (query) => {
      const [found] = await query(
        `select coalesce(claimed_at >= now() - ${claimTime}, false) as sending from outbox
         where id = $1 and sent_at is null and attempts > 0 for update`,
        [id],
      );
      if (!found) return 'not stuck';
      if (onlyAtRest && found.sending === true) return 'being sent';
      await query(`update outbox set ${change} where id = $1`, [
        id,
        jsonb({ ...said, at: new Date().toISOString() }),
      ]);
      await record?.(query);
      return 'done';
    });
  }

  /** Those that could not be sent yet, the oldest first, with what the last try met. `person` limits those about runs to theirs. */
  async stuck(limit = 100, person?: string): Promise<StuckMessage[]> {
    const rows = await this.database.query(
      `${selectStuck} and ($2::text is null or ${runOfMessage} is null or exists (
         select 1 from run_people p where p.run_id = ${runOfMessage} and p.person = $2))
       order by o.created_at limit $1`,
      [limit, person?.toLowerCase() ?? null],
    );
    return rows.map(stuckOf);
  }

  /** One of them, however many there are. */
  async stuckOne(id: string): Promise<StuckMessage | undefined> {
    const [row] = await this.database.query(`${selectStuck} and o.id = $1`, [id]);
    return row && stuckOf(row);
  }
}

/** Deliveries and delegations have ids of their own. */
const runOfMessage = `case when o.about->>'page' not in ('delivery', 'delegations') then o.about->>'id' end`;

const selectStuck = `select o.id, o.recipients, o.subject, o.body, o.about, o.chat, o.attempts, o.last_error,
    extract(epoch from o.created_at) * 1000 as since, extract(epoch from o.due_at) * 1000 as next,
    ${runOfMessage} as run, (select r.owner from runs r where r.id = ${runOfMessage}) as owner
  from outbox o where o.sent_at is null and o.attempts > 0`;

function stuckOf(row: Row): StuckMessage {
  return {
    ...messageOf(row),
    why: String(row.last_error ?? ''),
    since: Math.round(Number(row.since)),
    next: Math.round(Number(row.next)),
    ...(row.run === null
      ? {}
      : { run: { id: String(row.run), ...(row.owner === null ? {} : { owner: String(row.owner) }) } }),
  };
}

function messageOf(row: Row): DueMessage {
  return {
    id: String(row.id),
    to: row.recipients as string[],
    subject: String(row.subject),
    text: String(row.body),
    attempts: Number(row.attempts),
    ...defined({
      about: row.about ? (row.about as About) : undefined,
      chat: row.chat ? (row.chat as Chat) : undefined,
    }),
  };
}
