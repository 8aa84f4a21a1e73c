/** Cookies as the gateway sets them: out of reach of scripts, and not sent along by other sites' forms. */
import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sessionHours } from '../../store/sessions.ts';

export interface CookieOptions {
  /** Sent over TLS only. */
  secure: boolean;
  path?: string;
  /** Seconds. */
  maxAge?: number;
}

export function cookieOf(request: FastifyRequest, name: string): string | undefined {
  return parseCookie(request.headers.cookie ?? '')[name] || undefined;
}

export function setCookie(reply: FastifyReply, name: string, value: string, options: CookieOptions): void {
  const { secure, path = '/', maxAge = sessionHours * 3_600 } = options;
  const cookie = stringifySetCookie({ name, value, path, maxAge, secure, httpOnly: true, sameSite: 'lax' });
  // Another one of this name, set for the same answer, would be taken by the browser instead.
  const others = [reply.getHeader('set-cookie') ?? []]
    .flat()
    .map(String)
    .filter((other) => !other.startsWith(`${name}=`));
  reply.removeHeader('set-cookie');
  reply.header('set-cookie', [...others, cookie]);
}

export function clearCookie(reply: FastifyReply, name: string, options: CookieOptions): void {
  setCookie(reply, name, '', { ...options, maxAge: 0 });
}
