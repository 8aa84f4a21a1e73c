/**
 * A provider says that a session of its own has ended, from server to server (OpenID Connect Back-Channel Logout 1.0). What it says is
 * a signed token, which counts once.
 */
import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { defined } from '../../plan/defined.ts';
import { errorText } from '../../plan/error-text.ts';
import type { LogoutToken, Sessions } from '../../store/sessions.ts';
import { Problem } from '../problem.ts';
import type { Provider } from './oidc.ts';

export interface BackChannelParts {
  provider(): Promise<Provider>;
  sessions: Pick<Sessions, 'endOfProvider'>;
  log: (line: string) => void;
}

/** The claim that makes a token one of these. */
const event = 'http://schemas.openid.net/event/backchannel-logout';

/** Seconds by which clocks may differ. */
const clockTolerance = 60;

export class BackChannel {
  private readonly parts: BackChannelParts;
  /** Looked up when a token is signed with a key that is not known, and at most every half minute. */
  private keys: (Pick<Provider, 'keys' | 'fetch'> & { get: JWTVerifyGetKey }) | undefined;

  constructor(parts: BackChannelParts) {
    this.parts = parts;
  }

  /** Ends the sessions that the token is about. Throws a {@link Problem} (400) for a token that is not believed, or was obeyed before. */
  async receive(token: string): Promise<void> {
    const provider = await this.parts.provider();
    const logout = await this.believed(token, provider);
    const ended = await this.parts.sessions.endOfProvider(logout);
    if (ended === undefined) throw refused('this token was obeyed before');
    this.parts.log(`${provider.issuer} ended a session: ${ended} signed out here.`);
  }

  private async believed(token: string, provider: Provider): Promise<LogoutToken> {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, this.keysOf(provider), {
        issuer: provider.issuer,
        audience: provider.clientId,
        // Never one that anybody can compute who knows what we know.
        algorithms: provider.algorithms.filter((name) => !/^(none|HS)/.test(name)),
        requiredClaims: ['iat', 'exp', 'jti', 'events'],
        clockTolerance,
      });
      return logoutOf(payload, protectedHeader.typ);
    } catch (error) {
      if (error instanceof Problem) throw error;
      const problem = problemOf(error, provider.issuer);
      this.parts.log(
        `A logout token that is said to come from ${provider.issuer} was not believed: ${errorText(error)}`,
      );
      throw problem;
    }
  }

  private keysOf({ keys, fetch }: Provider): JWTVerifyGetKey {
    if (this.keys?.keys !== keys || this.keys.fetch !== fetch)
      this.keys = { keys, fetch, get: createRemoteJWKSet(new URL(keys), { [customFetch]: fetch }) };
    return this.keys.get;
  }
}

/** Section 2.6, Logout Token Validation, as far as it is not about the signature. */
function logoutOf(payload: JWTPayload, type: string | undefined): LogoutToken {
  const { iss, jti, sub, sid, iat, exp, events, nonce } = payload;
  if (type !== undefined && !/^(application\/)?(logout\+)?jwt$/i.test(type))
    throw refused(`it is of the type ${type}, and no logout token`);
  if (nonce !== undefined) throw refused('it has a nonce, as ID tokens have and logout tokens have not');
  const said =
    typeof events === 'object' && events !== null ? (events as Record<string, unknown>)[event] : undefined;
  if (typeof said !== 'object' || said === null)
    throw refused('it does not say that it is about a logout (events)');
  const subject = presentText(sub);
  const session = presentText(sid);
  if (subject === undefined && session === undefined)
    throw refused('it says neither whose session it is about nor which (sub, sid)');
  if (typeof iat === 'number' && iat > Date.now() / 1_000 + clockTolerance)
    throw refused('it says that it was made in the future');
  return {
    issuer: String(iss),
    jti: String(jti),
    ...defined({ subject, sid: session }),
    issuedAt: Number(iat),
    expiresAt: Number(exp),
  };
}

function presentText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function refused(why: string): Problem {
  return new Problem(400, 'Not believed', `The logout token is not believed: ${why}.`);
}

/** Keys that cannot be had now are no reason to say that a token is a bad one: the provider may try again. */
function problemOf(error: unknown, issuer: string): Problem {
  const { JOSEError, JWKSTimeout } = errors;
  if (!(error instanceof JOSEError) || error instanceof JWKSTimeout || error.code === 'ERR_JOSE_GENERIC')
    return new Problem(503, 'Keys not known', `The keys of ${issuer} cannot be had now.`, { retryAfter: 30 });
  return refused(error.message);
}
