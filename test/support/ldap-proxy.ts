/**
 * Between a client and a domain controller: loses answers, and enforces what Windows enforces and Samba does not, 1,000 entries an answer
 * (MaxPageSize) and 1,500 values a list (MaxValRange).
 */
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { selfSigned } from './certificate.ts';

export interface LdapProxy {
  url: string;
  /** PEM of the certificate that it shows. */
  certificate: string;
  /** Passes the nth write from now (from 1) on, and drops the connection before its answer. `meanwhile` is what happens in between. */
  loseAnswer(nth: number, meanwhile?: () => void): void;
  /** The same of the nth search from now. */
  loseSearch(nth: number): void;
  /** How many writes came since. */
  writes(): number;
  /** Whether Windows' limits count. */
  limited: boolean;
  /** Whether every paged search begins with a page without entries, as a server may send it (RFC 2696). */
  emptyFirstPage: boolean;
  /** How many searches came. */
  searches: number;
  stop(): Promise<void>;
}

const operation = {
  search: 0x63,
  entry: 0x64,
  done: 0x65,
  modify: 0x66,
  add: 0x68,
  remove: 0x4a,
  move: 0x6c,
};
const writing = new Set([operation.modify, operation.add, operation.remove, operation.move]);
const pagedResults = '1.2.840.113556.1.4.319';
const [mostEntries, mostValues] = [1_000, 1_500];
const later = Buffer.from('later');

/** One value of BER: constructed ones hold others. */
interface Node {
  tag: number;
  content: Buffer;
  children: Node[];
}

export async function ldapProxy(to: { host: string; servername: string; ca: string }): Promise<LdapProxy> {
  const certified = selfSigned({ host: '127.0.0.1' });
  let lostAt = 0;
  let searchLostIn = 0;
  let happens: (() => void) | undefined;
  const sockets = new Set<TLSSocket>();
  const proxy: Omit<LdapProxy, 'url'> & { count: number } = {
    certificate: certified.certificate,
    count: 0,
    loseAnswer(nth, meanwhile) {
      proxy.count = 0;
      lostAt = nth;
      happens = meanwhile;
    },
    loseSearch(nth) {
      searchLostIn = nth;
    },
    writes: () => proxy.count,
    limited: false,
    emptyFirstPage: false,
    searches: 0,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const server = createServer({ cert: certified.certificate, key: certified.key }, (client) => {
    const upstream = connect({ host: to.host, port: 636, servername: to.servername, ca: to.ca });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    client.on('close', end);
    upstream.on('close', end);
    const entries = new Map<string, number>();
    const lost = new Set<string>();
    eachMessage(client, (message) => {
      const { id, body } = partsOf(message);
      if (writing.has(body.tag) && ++proxy.count === lostAt) lost.add(id);
      if (body.tag !== operation.search) return void upstream.write(written(message));
      proxy.searches++;
      if (searchLostIn > 0 && --searchLostIn === 0) lost.add(id);
      entries.set(id, 0);
      if (proxy.emptyFirstPage && turnedAway(message, client)) return;
      if (proxy.limited) limitRanges(body);
      upstream.write(written(message));
    });
    eachMessage(upstream, (message) => {
      const { id, body } = partsOf(message);
      if (lost.has(id)) {
        happens?.();
        return end();
      }
      if (proxy.limited && body.tag === operation.entry) {
        const count = (entries.get(id) ?? 0) + 1;
        entries.set(id, count);
        if (count > mostEntries) return;
      }
      if (proxy.limited && body.tag === operation.done && (entries.get(id) ?? 0) > mostEntries) {
        const result = body.children[0];
        // sizeLimitExceeded
        if (result) result.content = Buffer.from([4]);
      }
      client.write(written(message));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(proxy, { url: `ldaps://127.0.0.1:${port}` });
}

/** Whether it was answered here: with no entry, and with a cookie that says that there is more. */
function turnedAway(message: Node, client: TLSSocket): boolean {
  const control = message.children[2]?.children.find(
    (each) => each.children[0]?.content.toString() === pagedResults,
  );
  const value = control?.children.at(-1);
  const [size, cookie] = value === undefined ? [] : (parsed(value.content)[0]?.children ?? []);
  if (!control || !value || !size || !cookie) return false;
  if (cookie.content.equals(later)) {
    value.content = written(sequence(size, octets('')));
    return false;
  }
  if (cookie.content.length > 0) return false;
  const answered = octets(written(sequence({ ...size, content: Buffer.from([0]) }, octets(later))));
  const done: Node = {
    tag: operation.done,
    content: Buffer.alloc(0),
    children: [{ tag: 0x0a, content: Buffer.from([0]), children: [] }, octets(''), octets('')],
  };
  const controls: Node = {
    tag: 0xa0,
    content: Buffer.alloc(0),
    children: [sequence(octets(pagedResults), answered)],
  };
  const [id] = message.children;
  if (id) client.write(written(sequence(id, done, controls)));
  return true;
}

/** A list is given in parts, whoever asks for it. */
function limitRanges(search: Node): void {
  for (const attribute of search.children[7]?.children ?? []) {
    const asked = /^(member|memberOf|managedObjects)(?:;range=(\d+)-(\*|\d+))?$/i.exec(
      attribute.content.toString(),
    );
    if (!asked) continue;
    const from = Number(asked[2] ?? 0);
    attribute.content = Buffer.from(`${asked[1]};range=${from}-${from + mostValues - 1}`);
  }
}

function partsOf(message: Node): { id: string; body: Node } {
  const [id, body] = message.children;
  if (!id || !body) throw new Error('no message of LDAP');
  return { id: id.content.toString('hex'), body };
}

function eachMessage(socket: TLSSocket, take: (message: Node) => void): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      const frame = frameAt(rest, 0);
      if (frame === undefined || frame.end > rest.length) return;
      const [message] = parsed(rest.subarray(0, frame.end));
      rest = rest.subarray(frame.end);
      if (message) take(message);
    }
  });
}

function frameAt(bytes: Buffer, at: number): { start: number; end: number } | undefined {
  const first = bytes[at + 1];
  if (first === undefined) return undefined;
  const more = first & 0x80 ? first & 0x7f : 0;
  if (bytes.length < at + 2 + more) return undefined;
  const length = more === 0 ? first : bytes.readUIntBE(at + 2, more);
  return { start: at + 2 + more, end: at + 2 + more + length };
}

function parsed(bytes: Buffer): Node[] {
  const nodes: Node[] = [];
  for (let at = 0; at < bytes.length; ) {
    const frame = frameAt(bytes, at);
    const tag = bytes[at];
    if (frame === undefined || tag === undefined) break;
    const content = bytes.subarray(frame.start, frame.end);
    const constructed = (tag & 0x20) !== 0;
    nodes.push({ tag, content, children: constructed ? parsed(content) : [] });
    at = frame.end;
  }
  return nodes;
}

function written({ tag, content, children }: Node): Buffer {
  const inner = (tag & 0x20) !== 0 ? Buffer.concat(children.map(written)) : content;
  const size = Buffer.alloc(4);
  size.writeUInt32BE(inner.length);
  const length =
    inner.length < 128 ? Buffer.from([inner.length]) : Buffer.concat([Buffer.from([0x84]), size]);
  return Buffer.concat([Buffer.from([tag]), length, inner]);
}

const octets = (content: string | Buffer): Node => ({
  tag: 0x04,
  content: Buffer.from(content),
  children: [],
});
const sequence = (...children: Node[]): Node => ({ tag: 0x30, content: Buffer.alloc(0), children });
