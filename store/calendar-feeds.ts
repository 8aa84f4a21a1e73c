/** Secret addresses under which calendar programs read what is planned, since they cannot sign in. */
import { createHash, randomBytes } from 'node:crypto';
import type { Database } from './database.ts';

export class CalendarFeeds {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** Gives the secret, which is kept nowhere. The one before ends. */
  async begin(person: string): Promise<string> {
    const secret = randomBytes(24).toString('base64url');
    await this.database.query(
      `insert into calendar_feeds (person, digest) values ($1, $2)
       on conflict (person) do update set digest = excluded.digest, created_at = now()`,
      [person.toLowerCase(), digestOf(secret)],
    );
    return secret;
  }

  async end(person: string): Promise<void> {
    await this.database.query('delete from calendar_feeds where person = $1', [person.toLowerCase()]);
  }

  async has(person: string): Promise<boolean> {
    const rows = await this.database.query('select 1 from calendar_feeds where person = $1', [
      person.toLowerCase(),
    ]);
    return rows.length > 0;
  }

  async personOf(secret: string): Promise<string | undefined> {
    const [row] = await this.database.query('select person from calendar_feeds where digest = $1', [
      digestOf(secret),
    ]);
    return row && String(row.person);
  }
}

function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
