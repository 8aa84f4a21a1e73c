/** Who is signed in with a browser, each session known by the hash of its secret. */
import { createHash } from 'node:crypto';
import { defined } from '../plan/defined.ts';
import type { Database, Row } from './database.ts';

export interface Session {
  person: string;
  name?: string;
  /** What the provider's claims said of groups at sign-in; which roles that gives is looked up each time. */
  groups: string[];
  /** The provider that said so. */
  issuer?: string;
  how: 'local' | 'oidc';
}

/** A session as the provider knows it. */
export interface ProviderSession {
  issuer: string;
  /** Of the person, at the provider. */
  subject: string;
  /** Of the session there; not every provider names them. */
  sid?: string;
  /** When the provider said who it is, in seconds since 1970. */
  issuedAt: number;
  /** Sealed: it is shown to the provider when the person signs out. */
  idToken: string;
}

/** A provider's word that a session of its own, or all of a person's, has ended. */
export interface LogoutToken {
  issuer: string;
  /** Of the token: each counts once. */
  jti: string;
  subject?: string;
  sid?: string;
  /** Seconds since 1970. */
  issuedAt: number;
  expiresAt: number;
}

/** A working day, however busy: after that people sign in again. */
export const sessionHours = 12;

/** How long a sign-in may take, and so how long a logout stands in its way. */
const signInMinutes = 15;

export class Sessions {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /**
   * Also forgets those that are over. False, and no session, when the provider has said meanwhile that this one of its own has ended.
   */
  async add(secret: string, session: Session, provider?: ProviderSession): Promise<boolean> {
    const { person, name, groups, issuer, how } = session;
    const { subject, sid, idToken, issuedAt } = provider ?? {};
    await this.database.query('delete from sessions where expires_at < now()');
    const added = await this.database.query(
      `insert into sessions (hash, person, name, groups, issuer, how, subject, sid, id_token, expires_at)
       select $1::bytea, $2, $3, $4::text[], $5, $6, $7, $8, $9, now() + $10 * interval '1 hour'
       where not exists (
         select 1 from logout_tokens where issuer = $5 and (subject is null or subject = $7)
           and (sid = $8 or (sid is null and issued_at > to_timestamp($11::double precision))))
       returning hash`,
      [
        hashOf(secret),
        person,
        name ?? null,
        groups,
        issuer ?? null,
        how,
        subject ?? null,
        sid ?? null,
        idToken ?? null,
        sessionHours,
        issuedAt ?? null,
      ],
    );
    return added.length > 0;
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
    return sessionOf(row);
  }

  /** Gives what it was, if it was one, and the ID token by which its provider knows it. */
  async end(secret: string): Promise<{ session: Session; idToken?: string } | undefined> {
    const [row] = await this.database.query('delete from sessions where hash = $1 returning *', [
      hashOf(secret),
    ]);
    return row && { session: sessionOf(row), ...defined({ idToken: presentText(row.id_token) }) };
  }

  /**
   * Ends what a provider says has ended: the session of that name, or all of that person. How many there were; undefined when the
   * token was obeyed before.
   */
  async endOfProvider(token: LogoutToken): Promise<number | undefined> {
    const { issuer, jti, subject = null, sid = null, issuedAt, expiresAt } = token;
    return this.database.transaction(async (query) => {
      await query(
        `delete from logout_tokens where expires_at < now() and received_at < now() - $1 * interval '1 minute'`,
        [signInMinutes],
      );
      const first = await query(
        `insert into logout_tokens (issuer, jti, subject, sid, issued_at, expires_at)
         values ($1, $2, $3, $4, to_timestamp($5), to_timestamp($6)) on conflict do nothing returning jti`,
        [issuer, jti, subject, sid, issuedAt, expiresAt],
      );
      if (first.length === 0) return undefined;
      // A session of which the provider gave no name is ended with any of its person's.
      const ended = await query(
        `delete from sessions where issuer = $1 and ($2::text is null or subject = $2)
           and ($3::text is null or sid = $3 or (sid is null and $2::text is not null)) returning hash`,
        [issuer, subject, sid],
      );
      return ended.length;
    });
  }
}

function sessionOf(row: Row): Session {
  return {
    person: String(row.person),
    ...defined({ name: presentText(row.name), issuer: presentText(row.issuer) }),
    groups: row.groups as string[],
    how: row.how as Session['how'],
  };
}

function presentText(value: unknown): string | undefined {
  return value ? String(value) : undefined;
}

/** The secret has 256 random bits, so that a plain hash gives nothing away. */
function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
