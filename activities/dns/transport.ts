/** One message to the server and its answer, over TCP, which takes messages of any length (RFC 7766). */
import { connect } from 'node:net';
import { RetryableFailure } from '../kit/failures.ts';

const timeoutMs = 30_000;

/** Rejects with a retryable failure where the server cannot be reached or does not answer, and when `signal` is aborted. */
export function exchange(
  { host, port }: { host: string; port: number },
  message: Buffer,
  signal: AbortSignal,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const where = `The DNS server ${host}, port ${port},`;
    const socket = connect({ host, port });
    let received: Buffer = Buffer.alloc(0);
    const end = (settle: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      socket.destroy();
      settle();
    };
    const fail = (what: string, cause?: unknown) =>
      end(() => reject(new RetryableFailure(`${where} ${what}`, { cause })));
    const aborted = () => end(() => reject(signal.reason));
    const timer = setTimeout(() => fail(`did not answer within ${timeoutMs / 1000} seconds.`), timeoutMs);
    if (signal.aborted) return aborted();
    signal.addEventListener('abort', aborted, { once: true });
    socket.on('error', (error: NodeJS.ErrnoException) =>
      fail(
        `could not be reached (${error.code ?? error.message}). If it stays so, check server and port under connectors: dns: in countersign.yaml.`,
        error,
      ),
    );
    socket.on('close', () => fail('ended the connection before it had answered.'));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2) return;
      const length = received.readUInt16BE(0);
      if (received.length >= 2 + length) end(() => resolve(received.subarray(2, 2 + length)));
    });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(message.length, 0);
    socket.write(Buffer.concat([length, message]));
  });
}
