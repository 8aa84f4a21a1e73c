/** Where audit records go: whether the file can be written, or the address answers; and what the gateway met when it sent last. */
import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { AuditStreamSettings } from '../../compiler/configuration/sections/audit-stream.ts';
import { errorText } from '../../plan/error-text.ts';
import type { DatabaseState } from '../../store/check.ts';
import type { Secrets } from '../../vault/secrets.ts';
import { type Finding, oneLine } from './finding.ts';

interface Around {
  path: string;
  secrets: Secrets;
  /** Undefined where the database could not be asked. */
  state: DatabaseState['auditStream'];
}

export async function lookAtAuditStream(
  { file, webhook }: AuditStreamSettings,
  { path, secrets, state }: Around,
  signal: AbortSignal,
): Promise<Omit<Finding, 'part'>> {
  const where = webhook ? new URL(webhook.url).host : resolve(dirname(path), file ?? '');
  if (state?.lastError)
    return {
      state: 'problem',
      says: `${where} did not take records when the gateway tried last: ${oneLine(state.lastError)} ${state.chains} runs wait, and nothing is lost.`,
    };
  if (!webhook) return lookAtFile(where);
  for (const secret of [webhook.secret, webhook.authorization]) if (secret) await secrets.get(secret.$secret);
  try {
    // Anything that it says will do: a look is no record, and it takes records alone.
    const { status } = await fetch(webhook.url, { method: 'HEAD', redirect: 'manual', signal });
    return { state: 'ok', says: `${where} answers (${status})` };
  } catch (error) {
    const why = oneLine(errorText((error as { cause?: unknown }).cause ?? error));
    return {
      state: 'away',
      says: `${where} cannot be reached: ${why}. Check auditStream: in countersign.yaml.`,
    };
  }
}

async function lookAtFile(file: string): Promise<Omit<Finding, 'part'>> {
  const there = await stat(file).catch(() => undefined);
  try {
    if (there && !there.isFile()) throw new Error('it is no file');
    await access(there ? file : dirname(file), constants.W_OK);
    return { state: 'ok', says: `${file} can be written by this account` };
  } catch (error) {
    return {
      state: 'problem',
      says: `${file} cannot be written: ${oneLine(errorText(error))}. Make its folder, and let the gateway’s account write there.`,
    };
  }
}
