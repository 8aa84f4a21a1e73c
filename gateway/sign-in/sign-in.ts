/** Who is asking: by the cookie of a browser's session, or by the token of this machine. */

import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { defined } from '../../plan/defined.ts';
import type { ProviderSession, Session, Sessions } from '../../store/sessions.ts';
import type { Principal } from '../../workflows/messages.ts';
import type { Hosts } from '../hosts.ts';
import { Problem } from '../problem.ts';
import { clearCookie, cookieOf, setCookie } from './cookies.ts';
import type { LocalToken } from './local.ts';

export type RolesOf = (person: string) => string[];

export interface SignInParts {
  token: LocalToken;
  sessions: Sessions;
  hosts: Hosts;
  /** The roles that the configuration gives a person. */
  rolesOf: RolesOf;
  /** The roles that it makes of what a provider said of somebody, as it stands now. */
  rolesOfSession(session: Session): string[];
}

/** A session that has ended, with what its provider knows it by. */
export type Ended = NonNullable<Awaited<ReturnType<Sessions['end']>>>;

export const sessionCookie = 'countersign_session';

/** A form of another site cannot set a header, so that its requests are told from those of our pages. */
const requestHeader = 'x-countersign-request';

const reading = new Set(['GET', 'HEAD', 'OPTIONS']);

export class SignIn {
  private readonly parts: SignInParts;

  constructor(parts: SignInParts) {
    this.parts = parts;
  }

  /** Throws a {@link Problem} (401) when nobody is signed in, and (403) when a page of another site may be asking. */
  async principal(request: FastifyRequest): Promise<Principal> {
    const { token, hosts, rolesOf } = this.parts;
    if (request.headers.authorization !== undefined) {
      if (!hosts.isLocal(request))
        throw new Problem(401, 'Not signed in', 'The token works on this machine only. Sign in at /sign-in.');
      const id = token.personOf(request.headers);
      return { id, roles: rolesOf(id) };
    }
    const secret = cookieOf(request, sessionCookie);
    const session = secret && (await this.parts.sessions.find(secret));
    if (!session) {
      throw new Problem(
        401,
        'Not signed in',
        secret
          ? 'You are no longer signed in. Sign in again at /sign-in.'
          : 'Sign in at /sign-in. Programs on this machine send its token: Authorization: Bearer … (it is in the data folder, local-token).',
      );
    }
    this.checkOwnRequest(request);
    return this.principalOf(session);
  }

  principalOf(session: Session): Principal {
    const { person, name } = session;
    const all = [...new Set([...this.parts.rolesOf(person), ...this.parts.rolesOfSession(session)])];
    return { id: person, ...defined({ name: name || undefined }), roles: all };
  }

  /** A new session under a new secret: one that was planted before somebody signed in is of no use. */
  async begin(
    request: FastifyRequest,
    reply: FastifyReply,
    session: Session,
    provider?: ProviderSession,
  ): Promise<Principal> {
    await this.end(request, reply);
    const secret = randomBytes(32).toString('base64url');
    if (!(await this.parts.sessions.add(secret, session, provider)))
      throw new Problem(401, 'Not signed in', 'You were signed out at the provider meanwhile. Begin again.');
    setCookie(reply, sessionCookie, secret, { secure: this.parts.hosts.isSecure(request) });
    return this.principalOf(session);
  }

  /** Gives what ended. */
  async end(request: FastifyRequest, reply: FastifyReply): Promise<Ended | undefined> {
    const secret = cookieOf(request, sessionCookie);
    if (!secret) return undefined;
    const ended = await this.parts.sessions.end(secret);
    clearCookie(reply, sessionCookie, { secure: this.parts.hosts.isSecure(request) });
    return ended;
  }

  private checkOwnRequest(request: FastifyRequest): void {
    if (reading.has(request.method)) return;
    if (request.headers[requestHeader] === '1' && this.parts.hosts.isOwnPage(request)) return;
    throw new Problem(
      403,
      'Not from our pages',
      `The request did not come from a page of this gateway, so nothing was done. Pages send the header ${requestHeader}: 1.`,
    );
  }
}
