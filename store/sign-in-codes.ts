/** One-time codes for signing in: how many may be asked for, and which one is right. */
import { timingSafeEqual } from 'node:crypto';
import type { Database } from './database.ts';

export interface NewCode {
  person: string;
  /** Where the request came from. */
  remote: string;
  /** Keyed hash of the code; absent when the person gets none, so that both count alike. */
  hash: Buffer | undefined;
}

const minutesValid = 10;
const mostTries = 5;
const mostAnHour = { person: 5, remote: 20 };

/** Any number that no other lock of this program uses. */
const countingLock = 7_402_621;

export class SignInCodes {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** False when too many were asked for within the hour, for this person or from this place. */
  async add({ person, remote, hash }: NewCode): Promise<boolean> {
    return this.database.transaction(async (query) => {
      await query('select pg_advisory_xact_lock($1)', [countingLock]);
      await query(`delete from sign_in_codes where created_at < now() - interval '1 day'`);
      const [counted] = await query(
        `select count(*) filter (where person = $1) as person, count(*) filter (where remote = $2) as remote
         from sign_in_codes where (person = $1 or remote = $2) and created_at > now() - interval '1 hour'`,
        [person, remote],
      );
      if (Number(counted?.person) >= mostAnHour.person || Number(counted?.remote) >= mostAnHour.remote)
        return false;
      await query(
        `insert into sign_in_codes (person, remote, hash, expires_at)
         values ($1, $2, $3, now() + $4 * interval '1 minute')`,
        [person, remote, hash ?? null, minutesValid],
      );
      return true;
    });
  }

  /** True once for a right code in time. Every try counts against all codes that the person could use now. */
  async use(person: string, hash: Buffer): Promise<boolean> {
    const rows = await this.database.query(
      `update sign_in_codes set tries = tries + 1
       where person = $1 and hash is not null and used_at is null and expires_at > now() and tries < $2
       returning id, hash`,
      [person, mostTries],
    );
    const right = rows.find((row) => equal(row.hash as Buffer, hash));
    if (!right) return false;
    const used = await this.database.query(
      'update sign_in_codes set used_at = now() where id = $1 and used_at is null returning id',
      [right.id],
    );
    return used.length === 1;
  }
}

function equal(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
