/** Who is signed in with a browser, each session known by the hash of its secret. */

import { createHash } from 'node:crypto';
import { defined } from '../plan/defined.ts';
import type { Database } from './database.ts';

export interface Session {
  person: string;
  name?: string;
  /** What the provider's claims said of groups at sign-in; which roles that gives is looked up each time. */
  groups: string[];
  /** The provider that said so. */
  issuer?: string;
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
  async add(secret: string, { person, name, groups, issuer, how }: Session): Promise<void> {
    await this.database.query('delete from sessions where expires_at < now()');
    await this.database.query(
      `insert into sessions (hash, person, name, groups, issuer, how, expires_at)
       values ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 hour')`,
      [hashOf(secret), person, name ?? null, groups, issuer ?? null, how, sessionHours],
    );
  }

  async find(secret: string): Promise<Session | undefined> {
    const hash = hashOf(secret);
    const [row] = await this.database.query(
      `select person, name, groups, issuer, how, seen_at < now() - interval '1 minute' as unseen
       from sessions where hash = $1 and expires_at > now()`,
      [hash],
    );
    if (!row) return undefined;
    if (row.unseen) await this.database.query('update sessions set seen_at = now() where hash = $1', [hash]);
    return {
      person: String(row.person),
      ...defined({ name: row.name ? String(row.name) : undefined }),
      groups: row.groups as string[],
      ...defined({ issuer: row.issuer ? String(row.issuer) : undefined }),
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
