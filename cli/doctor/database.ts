/** The database: whether it is there, new enough, and lets this account do what it must. */
import { errorText } from '../../plan/error-text.ts';
import { type DatabaseState, databaseState } from '../../store/check.ts';
import { type Finding, oneLine } from './finding.ts';

/** PostgreSQL 15. */
const oldest = 150_000;

export interface LookedAt {
  finding: Omit<Finding, 'part'>;
  state?: DatabaseState;
}

export async function lookAtDatabase(url: string | undefined, systems: readonly string[]): Promise<LookedAt> {
  if (!url)
    return {
      finding: {
        state: 'unchecked',
        says: 'DATABASE_URL is not set. `countersign dev` keeps a database of its own; a gateway and a worker need one.',
      },
    };
  try {
    const state = await databaseState(url, systems);
    return { finding: judged(state), state };
  } catch (error) {
    return { finding: failureOf(error) };
  }
}

function judged(state: DatabaseState): Omit<Finding, 'part'> {
  const { version, versionNumber, pending, unknown, closed, mayCreate } = state;
  const problem = (says: string) => ({ state: 'problem' as const, says });
  if (versionNumber < oldest)
    return problem(`PostgreSQL ${version} is too old. Countersign needs 15 or newer.`);
  if (unknown.length > 0)
    return problem(
      `A newer version has been here: it knows ${unknown.join(', ')}, and this one does not. Start that version, or restore an older database.`,
    );
  if (pending.length > 0) {
    const how = mayCreate
      ? 'Run `countersign migrate`, or start the gateway, which does it too.'
      : 'This account may make no tables: run `countersign migrate` as one that may.';
    return problem(`PostgreSQL ${version}: ${pending.length} migrations are still to be applied. ${how}`);
  }
  if (closed.length > 0)
    return problem(
      `PostgreSQL ${version}: this account may not write into ${closed.join(', ')}. Grant it INSERT there (countersign migrate --grant-to ROLE).`,
    );
  return { state: 'ok', says: `PostgreSQL ${version}, every migration applied` };
}

const words: Record<string, string> = {
  '28P01': 'It refused the password. Check DATABASE_URL.',
  '28000': 'It does not let this user in. Check DATABASE_URL, and pg_hba.conf of the server.',
  '3D000': 'There is no database of this name. Create it, or check DATABASE_URL.',
  '42501':
    'This account may not read the tables. Grant it what it needs: countersign migrate --grant-to ROLE.',
  ERR_INVALID_URL:
    'DATABASE_URL is no address. It looks like postgres://user:password@db.example.com/countersign.',
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted(),
  SELF_SIGNED_CERT_IN_CHAIN: untrusted(),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted(),
  CERT_HAS_EXPIRED: 'Its certificate has expired. It must be renewed there.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'Its certificate is for another name. Check the host in DATABASE_URL.',
};

function untrusted(): string {
  return 'Its certificate is signed by nobody who is known here. Name the authority in DATABASE_URL: sslrootcert=FILE.';
}

/** PostgreSQL's and the network's codes. */
function failureOf(error: unknown): Omit<Finding, 'part'> {
  const { code = '' } = error as { code?: string };
  const known = words[code];
  if (known) return { state: 'problem', says: known };
  const text = oneLine(errorText(error));
  if (/does not support SSL/.test(text))
    return { state: 'problem', says: 'It does not speak TLS, which DATABASE_URL asks for (sslmode).' };
  const isAway = /^(E[A-Z]+|57P|08|53)/.test(code) || /timeout|terminated/i.test(text);
  const says = `It cannot be reached (${text || code}). Check DATABASE_URL, and whether PostgreSQL runs.`;
  return { state: isAway ? 'away' : 'problem', says };
}
