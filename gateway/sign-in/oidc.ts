/**
 * Signing in with an OpenID Connect provider: authorization code with PKCE, state and nonce. What belongs to one attempt
 * is kept, sealed, in the browser that makes it, so that an answer meant for another browser is worth nothing.
 */
import { resolve } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import * as oauth from 'openid-client';
import { PermanentFailure } from '../../activities/kit/failures.ts';
import { isLoopback } from '../../activities/kit/http.ts';
import { faultOfSetting } from '../../activities/kit/reach.ts';
import { type Trust, trustAt } from '../../activities/kit/trust.ts';
import type { OidcSettings } from '../../compiler/configuration/sign-in.ts';
import { defined } from '../../plan/defined.ts';
import type { ProviderSession, Session } from '../../store/sessions.ts';
import type { Seal } from '../../vault/seal.ts';
import type { Hosts } from '../hosts.ts';
import { Problem } from '../problem.ts';
import { type Claims, groupsIn, personIn, whyNoRole } from './claims.ts';
import { clearCookie, cookieOf, setCookie } from './cookies.ts';
import type { Ended } from './sign-in.ts';

export interface OidcParts {
  /** As the configuration has them now. */
  settings(): OidcSettings | undefined;
  secret(name: string): Promise<string>;
  /** Where countersign.yaml is: files that it names are beside it. */
  folder: string;
  seal: Seal;
  hosts: Hosts;
  log: (line: string) => void;
}

/** A provider as its logout tokens know it. */
export interface Provider {
  issuer: string;
  clientId: string;
  /** Where its keys are. */
  keys: string;
  algorithms: string[];
  fetch: Trust['fetch'];
}

interface Discovered {
  client: oauth.Configuration;
  fetch: Trust['fetch'];
}

interface Attempt {
  state: string;
  nonce: string;
  verifier: string;
  /** Where to go afterwards: a path of ours. */
  to: string;
  /** Milliseconds since 1970. */
  until: number;
}

export const signInPath = '/sign-in/oidc';
const callbackPath = `${signInPath}/callback`;
export const signedOutPath = `${signInPath}/signed-out`;
const attemptCookie = 'countersign_sign_in';
/** Of a browser that signed out here: its next sign-in asks who it is, unless the provider has said that its own session is over. */
const signedOutCookie = 'countersign_signed_out';
const signedOutSeconds = 30 * 24 * 3_600;
/** A longer ID token does not fit into an address everywhere; without it the provider asks whether to sign out. */
const longestHint = 4_096;
const attemptSeconds = 600;
const timeoutSeconds = 15;
const caSetting = 'signIn.oidc.ca in countersign.yaml';

export class OidcSignIn {
  private readonly parts: OidcParts;
  /** What the provider says of itself, asked once for the settings that were in use then. */
  private discovered: { key: string; found: Promise<Discovered> } | undefined;
  /** For which settings it has been said that a sign-in gave no role, and whether one has given any. */
  private roles: { key: string; given: boolean; said: Set<string> } | undefined;

  constructor(parts: OidcParts) {
    this.parts = parts;
  }

  /** For the page that offers it; undefined when no provider is configured. */
  offer(): { title: string; url: string } | undefined {
    const settings = this.parts.settings();
    return settings && { title: titleOf(settings), url: signInPath };
  }

  /** Where the browser is to go. Sets the cookie of the attempt. */
  async begin(request: FastifyRequest, reply: FastifyReply, to: string): Promise<URL> {
    const client = await this.client();
    const attempt: Attempt = {
      state: oauth.randomState(),
      nonce: oauth.randomNonce(),
      verifier: oauth.randomPKCECodeVerifier(),
      to: ownPath(to),
      until: Date.now() + attemptSeconds * 1_000,
    };
    setCookie(reply, attemptCookie, this.parts.seal.seal({ ...attempt }), {
      ...this.cookieOptions(request),
      maxAge: attemptSeconds,
    });
    return oauth.buildAuthorizationUrl(client, {
      redirect_uri: `${this.parts.hosts.baseOf(request)}${callbackPath}`,
      scope: 'openid profile email',
      // Whoever signed out must not be signed in again by a click of whoever comes next.
      ...defined({ prompt: cookieOf(request, signedOutCookie) ? 'login' : undefined }),
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(attempt.verifier),
      code_challenge_method: 'S256',
    });
  }

  /** Who came back from the provider. Throws a {@link Problem} when that cannot be believed. Ends the attempt either way. */
  async finish(
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<{ session: Session; provider: ProviderSession; to: string }> {
    const attempt = this.attemptOf(request);
    clearCookie(reply, attemptCookie, this.cookieOptions(request));
    const client = await this.client();
    const settings = this.settings();
    const { claims, idToken } = await this.told(settings, () => this.claims(client, request, attempt));
    this.sayRoles(claims, settings);
    clearCookie(reply, signedOutCookie, this.cookieOptions(request));
    const session = {
      ...personIn(claims, settings),
      groups: groupsIn(claims, settings),
      issuer: settings.issuer,
      how: 'oidc' as const,
    };
    const provider = {
      issuer: settings.issuer,
      subject: claims.sub,
      issuedAt: claims.iat,
      ...defined({ sid: typeof claims.sid === 'string' ? claims.sid : undefined }),
      idToken: this.parts.seal.seal(idToken),
    };
    return { session, provider, to: attempt.to };
  }

  /**
   * Where the browser is to go after it signed out here, so that the provider's session ends too; undefined where the provider has no
   * such address, or is away. Until the provider has said that it is over, the next sign-in of this browser asks who it is.
   */
  async signOut(request: FastifyRequest, reply: FastifyReply, ended: Ended): Promise<URL | undefined> {
    const { session, idToken } = ended;
    if (session.how !== 'oidc') return undefined;
    const state = oauth.randomState();
    setCookie(reply, signedOutCookie, state, { ...this.cookieOptions(request), maxAge: signedOutSeconds });
    if (session.issuer !== this.parts.settings()?.issuer) return undefined;
    const client = await this.client().catch(() => undefined);
    if (client?.serverMetadata().end_session_endpoint === undefined) return undefined;
    return oauth.buildEndSessionUrl(client, {
      post_logout_redirect_uri: `${this.parts.hosts.baseOf(request)}${signedOutPath}`,
      state,
      ...defined({ id_token_hint: this.hintOf(idToken) }),
    });
  }

  /** The provider has ended its session and sent the browser back. */
  signedOut(request: FastifyRequest, reply: FastifyReply): void {
    const { state } = request.query as { state?: string };
    const expected = cookieOf(request, signedOutCookie);
    if (expected !== undefined && state === expected)
      clearCookie(reply, signedOutCookie, this.cookieOptions(request));
  }

  /** What logout tokens of the provider must be signed with and say. */
  async provider(): Promise<Provider> {
    const { issuer, clientId } = this.settings();
    const { client, fetch } = await this.found();
    const { jwks_uri: keys, id_token_signing_alg_values_supported: algorithms } = client.serverMetadata();
    if (keys === undefined) throw new Problem(502, 'No keys', `${issuer} publishes no keys (jwks_uri).`);
    return { issuer, clientId, keys, algorithms: algorithms ?? ['RS256'], fetch };
  }

  private hintOf(idToken: string | undefined): string | undefined {
    if (idToken === undefined) return undefined;
    const hint = String(this.parts.seal.open(idToken));
    return hint.length > longestHint ? undefined : hint;
  }

  /** Says once for each kind of reason that a sign-in gave no role, until one has: people without a role are ordinary then. */
  private sayRoles(claims: Claims, settings: OidcSettings): void {
    const key = JSON.stringify(settings);
    if (this.roles?.key !== key) this.roles = { key, given: false, said: new Set() };
    const why = whyNoRole(claims, settings);
    if (why === undefined) {
      this.roles.given ||= groupsIn(claims, settings).length > 0;
      return;
    }
    const kind = why.startsWith('the provider') ? 'absent' : 'unlisted';
    if (this.roles.given || this.roles.said.has(kind)) return;
    this.roles.said.add(kind);
    this.parts.log(
      `Somebody signed in with ${titleOf(settings)} and got no role: ${why}. This is said once.`,
    );
  }

  private async claims(client: oauth.Configuration, request: FastifyRequest, attempt: Attempt) {
    const url = new URL(request.url, this.parts.hosts.baseOf(request));
    const tokens = await oauth.authorizationCodeGrant(client, url, {
      expectedState: attempt.state,
      expectedNonce: attempt.nonce,
      pkceCodeVerifier: attempt.verifier,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (!claims) throw new Error('the provider sent no ID token');
    const { userinfo_endpoint } = client.serverMetadata();
    const idToken = tokens.id_token ?? '';
    if (!userinfo_endpoint) return { claims, idToken };
    // Many say who somebody is in the ID token, and their address only here. What the signed token says counts.
    const more = await oauth.fetchUserInfo(client, tokens.access_token, claims.sub);
    return { claims: { ...more, ...claims }, idToken };
  }

  private attemptOf(request: FastifyRequest): Attempt {
    const token = cookieOf(request, attemptCookie);
    if (!token) throw again('This browser has not begun to sign in here.');
    let attempt: Attempt;
    try {
      attempt = this.parts.seal.open(token) as unknown as Attempt;
    } catch {
      throw again('What was kept of this sign-in cannot be read.');
    }
    if (Date.now() > attempt.until) throw again('It took more than ten minutes.');
    return attempt;
  }

  private async client(): Promise<oauth.Configuration> {
    return (await this.found()).client;
  }

  private found(): Promise<Discovered> {
    const settings = this.settings();
    const key = JSON.stringify(settings);
    if (this.discovered?.key !== key) {
      const found = this.told(settings, () => this.discover(settings));
      this.discovered = { key, found };
      // A provider that was away is asked again the next time.
      found.catch(() => {
        if (this.discovered?.found === found) this.discovered = undefined;
      });
    }
    return this.discovered.found;
  }

  private async trust({ ca }: OidcSettings): Promise<Trust> {
    if (ca === undefined) return trustAt(caSetting, undefined);
    const file = ca.file === undefined ? undefined : resolve(this.parts.folder, ca.file);
    const secret = ca.secret === undefined ? undefined : await this.parts.secret(ca.secret.$secret);
    return trustAt(caSetting, defined({ file, secret }));
  }

  private async discover(settings: OidcSettings): Promise<Discovered> {
    const { issuer, clientId, clientSecret } = settings;
    const { fetch } = await this.trust(settings);
    const secret = await this.parts.secret(clientSecret.$secret);
    const url = new URL(issuer);
    const execute = [oauth.enableNonRepudiationChecks];
    if (isLoopback(url)) execute.push(oauth.allowInsecureRequests);
    const client = await oauth.discovery(url, clientId, undefined, secretInEither(secret), {
      execute,
      timeout: timeoutSeconds,
      [oauth.customFetch]: fetch as oauth.CustomFetch,
    });
    return { client, fetch };
  }

  private settings(): OidcSettings {
    const settings = this.parts.settings();
    if (settings) return settings;
    throw new Problem(
      404,
      'No provider',
      'No provider is configured: signIn: oidc: in countersign.yaml names one. Sign in another way.',
    );
  }

  /** Runs what talks to the provider. What went wrong is told in plain words here, and in its own words in the log. */
  private async told<T>(settings: OidcSettings, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Problem) throw error;
      const words = wordsOf(error);
      this.parts.log(`Signing in with ${settings.issuer} failed: ${words}`);
      throw faultIn(error, settings) ?? problemOf(error, titleOf(settings), words);
    }
  }

  private cookieOptions(request: FastifyRequest) {
    return { secure: this.parts.hosts.isSecure(request), path: signInPath };
  }
}

/** Both ways to send it are common; the standard's own is taken where the provider knows it. */
function secretInEither(secret: string): oauth.ClientAuth {
  const [basic, post] = [oauth.ClientSecretBasic(secret), oauth.ClientSecretPost(secret)];
  return (server, ...rest) => {
    const known = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return (known.includes('client_secret_basic') ? basic : post)(server, ...rest);
  };
}

/**
 * A link to the sign-in may come from anywhere, and must not lead to another site. What is sent on is looked at, and not only
 * what was given: `/x/..//example.org` is a path that becomes a host when it is made short.
 */
export function ownPath(to: string): string {
  const here = 'http://here';
  if (!isPath(to) || !URL.canParse(to, here)) return '/';
  const { origin, pathname, search, hash } = new URL(to, here);
  const path = `${pathname}${search}${hash}`;
  return origin === here && isPath(path) ? path : '/';
}

/** A browser takes two slashes, either way round, for the beginning of a host. */
function isPath(text: string): boolean {
  return /^\/(?![/\\])/.test(text);
}

function titleOf({ title, issuer }: OidcSettings): string {
  return title ?? new URL(issuer).host;
}

function again(why: string): Problem {
  return new Problem(401, 'Not signed in', `${why} Begin again.`);
}

/** What no later try mends, but whoever set it up. */
function faultIn(error: unknown, settings: OidcSettings): Problem | undefined {
  const setting = 'signIn.oidc.issuer in countersign.yaml';
  const target = { service: titleOf(settings), url: new URL(settings.issuer), setting, trust: caSetting };
  const fault = error instanceof PermanentFailure ? error.message : faultOfSetting(target, error);
  return fault === undefined ? undefined : new Problem(502, 'Not set up', `Tell your IT: ${fault}`);
}

function problemOf(error: unknown, title: string, words: string): Problem {
  if (error instanceof oauth.AuthorizationResponseError)
    return new Problem(403, 'Not signed in', `${title} did not sign you in: ${words}.`);
  if (error instanceof oauth.ResponseBodyError && error.error === 'invalid_grant')
    return again(`${title} takes this sign-in no more, since it was used or is too old.`);
  if (error instanceof oauth.ResponseBodyError || error instanceof oauth.WWWAuthenticateChallengeError)
    return new Problem(502, 'Not signed in', `${title} refused to say who you are: ${words}. Tell your IT.`);
  if (isUnreachable(error))
    return new Problem(503, `${title} is away`, `${title} cannot be reached now. Try again in a while.`, {
      retryAfter: 30,
    });
  return new Problem(
    401,
    'Not signed in',
    `What ${title} answered cannot be believed: ${words}. Begin again.`,
  );
}

/** Of openid-client's errors the cause often says more than the error. */
function wordsOf(error: unknown): string {
  if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError)
    return [error.error, error.error_description].filter(Boolean).join(', ');
  const [first = String(error), second] = chainOf(error).map(({ message }) => message);
  return second && second !== first ? `${first} (${second})` : first;
}

function isUnreachable(error: unknown): boolean {
  return chainOf(error).some(
    ({ name, message }) => (name === 'TypeError' && message === 'fetch failed') || name === 'TimeoutError',
  );
}

/** The error, its cause, the cause of that, and so on. */
function chainOf(error: unknown): { name?: string; message: string }[] {
  if (typeof error !== 'object' || error === null || !('message' in error)) return [];
  const { cause } = error as { cause?: unknown };
  return [error as { message: string }, ...chainOf(cause)];
}
