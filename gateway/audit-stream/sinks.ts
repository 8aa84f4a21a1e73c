/** Where audit records go: a file to which lines are added, or an address that takes them signed. */
import { createHmac } from 'node:crypto';
import { open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { AuditStreamSettings } from '../../compiler/configuration/sections/audit-stream.ts';
import type { Secrets } from '../../vault/secrets.ts';

/** Resolves when the lines were taken for good. */
export type Sink = (lines: readonly string[]) => Promise<void>;

interface Around {
  /** Path of countersign.yaml. */
  path: string;
  secrets: Pick<Secrets, 'get'>;
}

const limitMs = 20_000;
/** Read by whoever collects logs, written by the gateway alone. */
const fileMode = 0o640;

export function sinkOf({ file, webhook }: AuditStreamSettings, around: Around): Sink {
  if (webhook) return (lines) => post(webhook, lines, around);
  const path = resolve(dirname(around.path), file ?? '');
  return (lines) => append(path, lines);
}

/** Opened anew each time, so that a file which was moved away or emptied meanwhile is none of our business. */
async function append(path: string, lines: readonly string[]): Promise<void> {
  const file = await open(path, 'a+', fileMode);
  try {
    const { size } = await file.stat();
    // Whoever died in the middle of a line left it without an end.
    const last = size > 0 ? (await file.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString() : '\n';
    await file.appendFile(`${last === '\n' ? '' : '\n'}${lines.join('\n')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function post(
  { url, secret, authorization }: NonNullable<AuditStreamSettings['webhook']>,
  lines: readonly string[],
  { secrets }: Around,
): Promise<void> {
  const body = `${lines.join('\n')}\n`;
  const at = Math.floor(Date.now() / 1_000);
  const key = await secrets.get(secret.$secret);
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'error',
    headers: {
      'content-type': 'application/x-ndjson',
      'x-countersign-timestamp': String(at),
      'x-countersign-signature': signatureOf(key, at, body),
      ...(authorization ? { authorization: await secrets.get(authorization.$secret) } : {}),
    },
    body,
    signal: AbortSignal.timeout(limitMs),
  });
  await response.body?.cancel().catch(() => {});
  if (!response.ok) throw new Error(`${new URL(url).host} answered ${response.status}.`);
}

/** Over the moment too, so that what was sent once cannot be sent again by somebody else much later. */
export function signatureOf(key: string, at: number, body: string): string {
  return `sha256=${createHmac('sha256', key).update(`${at}.${body}`).digest('hex')}`;
}
