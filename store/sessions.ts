/** Who is signed in with a browser, each session known by the hash of its secret. */
import { createHash } from 'node:crypto';
import type { Database } from './database.ts';

export interface Session {
  person: string;
  name?: string;
  /** Roles that the provider's claims gave at sign-in. */
  roles: string[];
  how: 'local' | 'oidc';
}

/** A working day, however busy: after that people sign in again. */
export const sessionHours = 12;

export class Sessions {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** Also forgets those that are over. */
  async add(secret: string, { person, name, roles, how }: Session): Promise<void> {
    await this.database.query('delete from sessions where expires_at < now()');
    await this.database.query(
      `insert into sessions (hash, person, name, roles, how, expires_at)
       values ($1, $2, $3, $4, $5, now() + $6 * interval '1 hour')`,
      [hashOf(secret), person, name ?? null, roles, how, sessionHours],
    );
  }

  async find(secret: string): Promise<Session | undefined> {
    const hash = hashOf(secret);
    const [row] = await this.database.query(
      `select person, name, roles, how, seen_at < now() - interval '1 minute' as unseen
       from sessions where hash = $1 and expires_at > now()`,
      [hash],
    );
    if (!row) return undefined;
    if (row.unseen) await this.database.query('update sessions set seen_at = now() where hash = $1', [hash]);
    return {
      person: String(row.person),
      ...(row.name ? { name: String(row.name) } : {}),
      roles: row.roles as string[],
      how: row.how as Session['how'],
    };
  }

  async end(secret: string): Promise<void> {
    await this.database.query('delete from sessions where hash = $1', [hashOf(secret)]);
  }
}

/** The secret has 256 random bits, so that a plain hash gives nothing away. */
function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
