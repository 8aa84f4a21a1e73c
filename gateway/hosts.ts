/** Under which addresses the gateway answers, and what follows from the one that was used. */
import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

type Asked = Pick<FastifyRequest, 'headers' | 'url'>;

const loopback = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/** What a proxy adds when it passes a request on. */
const passedOn = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'via'];

export class Hosts {
  private readonly publicUrl: () => string | undefined;
  private readonly ownListener = new WeakSet<object>();

  /** `publicUrl` is `signIn.url` of the configuration, as it stands now. */
  constructor(publicUrl: () => string | undefined) {
    this.publicUrl = publicUrl;
  }

  /** A page of another site may talk a browser into sending requests here under a name of its own (DNS rebinding). */
  check({ headers }: Asked): void {
    const { host = '', origin } = headers;
    const known = this.public();
    const isOurs = (name: string) => loopback.test(name) || name === known?.host;
    const foreignOrigin = origin !== undefined && !isOurs(hostOf(origin));
    if (isOurs(host) && !foreignOrigin) return;
    const where = known ? `as ${known.origin}, and on this machine` : 'on this machine only';
    const way = known ? '' : ' Give its public address under signIn: url in countersign.yaml.';
    throw new Problem(
      403,
      'Another host',
      `This gateway answers ${where}, not as ${origin ?? host}.${foreignOrigin ? '' : way}`,
    );
  }

  /** Straight from this machine, and not through a proxy, whatever name that proxy uses. */
  isLocal({ headers }: Asked): boolean {
    return loopback.test(headers.host ?? '') && !passedOn.some((name) => headers[name] !== undefined);
  }

  /** Says that a connection came to the listener that no proxy is put in front of. */
  cameToOwnListener(socket: object): void {
    this.ownListener.add(socket);
  }

  /**
   * From somebody at this machine, for certain. With a public address there is a proxy, and one that adds no header of its own
   * looks just like this machine: then only the listener of this machine's own is believed.
   */
  isAtThisMachine(request: Asked & { socket: object }): boolean {
    return this.isLocal(request) && (this.public() === undefined || this.ownListener.has(request.socket));
  }

  /** From a page of this gateway, or from a program, which names no page. */
  isOwnPage({ headers }: Asked): boolean {
    const { host, origin } = headers;
    return origin === undefined || hostOf(origin) === host || origin === this.public()?.origin;
  }

  /** The address under which the browser knows the gateway, without a slash at its end. */
  baseOf(request: Asked): string {
    return this.public()?.origin ?? `http://${request.headers.host ?? 'localhost'}`;
  }

  /** Whether a cookie may be sent over TLS only. */
  isSecure(request: Asked): boolean {
    return !this.isLocal(request) && this.public()?.protocol === 'https:';
  }

  private public(): URL | undefined {
    const url = this.publicUrl();
    return url === undefined ? undefined : new URL(url);
  }
}

function hostOf(origin: string): string {
  return origin.replace(/^https?:\/\//, '');
}
