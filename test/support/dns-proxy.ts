/** In front of a DNS server: counts the updates that come through, and loses the answer to one of them. */

import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';

export interface DnsProxy {
  port: number;
  /** Updates that change something, since `loseAnswer` was called. */
  writes(): number;
  /** The connection ends after the nth update was carried out, before its answer is passed on. 0 loses none. */
  loseAnswer(nth: number): void;
  /** Called between what the server was asked and the next update that changes something, once. */
  beforeNextWrite(work: () => Promise<void>): void;
  stop(): Promise<void>;
}

export async function dnsProxy(port: number): Promise<DnsProxy> {
  let count = 0;
  let lost = 0;
  let before: (() => Promise<void>) | undefined;
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    let isLost = false;
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    near.on('data', async (message) => {
      // A message comes in one piece: what we send is short, and written at once.
      if (changes(message)) {
        isLost = ++count === lost;
        const work = before;
        before = undefined;
        await work?.();
      }
      far.write(message);
    });
    far.on('data', (answer) => (isLost ? near.destroy() : near.write(answer)));
    far.on('close', () => near.destroy());
    near.on('close', () => far.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    writes: () => count,
    loseAnswer(nth) {
      count = 0;
      lost = nth;
    },
    beforeNextWrite(work) {
      before = work;
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** An update with something in its third section. Behind the two octets of its length. */
function changes(message: Buffer): boolean {
  return ((message.readUInt16BE(4) >> 11) & 15) === 5 && message.readUInt16BE(10) > 0;
}
