/** Reaching an outside system: how long it may take, and what it means that nothing came of it. */
import { PermanentFailure, RetryableFailure } from './failures.ts';

/** What is reached, as messages name it. */
export interface Target {
  service: string;
  url: URL;
  /** Where its address stands: `connectors.jira.baseUrl in countersign.yaml`. */
  setting: string;
  /** Where a certificate authority of the organisation's own can be named. Absent where none can. */
  trust?: string | undefined;
}

/**
 * Runs one request with a time limit of its own. A request that was not answered may still have been carried out, so
 * its failure is retryable, and the action must look before it tries again. What only a change of the configuration mends is not.
 */
export async function reachingOut<T>(
  target: Target,
  signal: AbortSignal,
  timeoutMs: number,
  request: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    return await request(AbortSignal.any([signal, limit]));
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof RetryableFailure || cause instanceof PermanentFailure) throw cause;
    const { service, url } = target;
    if (limit.aborted)
      throw new RetryableFailure(`${service} did not answer within ${timeoutMs / 1000} s.`, { cause });
    const fault = faultOfSetting(target, cause);
    if (fault) throw new PermanentFailure(fault, { cause });
    throw new RetryableFailure(`${service} could not be reached at ${url.host}${reasonOf(cause)}.`, {
      cause,
    });
  }
}

/** `ECONNREFUSED` and its like, which `fetch` hides in the cause of its "fetch failed". */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return code === undefined ? '' : ` (${reasonWords[code] ?? code})`;
}

function codeOf(error: unknown): string | undefined {
  return causesOf(error)
    .map(({ code }) => code)
    .find((code) => typeof code === 'string');
}

interface Cause {
  code?: string;
  message?: string;
  cause?: unknown;
}

function causesOf(error: unknown): Cause[] {
  const causes: Cause[] = [];
  for (
    let part = error;
    typeof part === 'object' && part !== null && causes.length < 5;
    part = (part as Cause).cause
  )
    causes.push(part as Cause);
  return causes;
}

const reasonWords: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection lost',
  UND_ERR_SOCKET: 'connection lost',
  ENOTFOUND: 'unknown host',
  EAI_AGAIN: 'name lookup failed',
  ETIMEDOUT: 'no connection in time',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
};

type Fault = (target: Target) => string;

const untrusted =
  (problem: string): Fault =>
  ({ service, url, setting }) =>
    `The certificate of ${service} at ${url.host} ${problem}. It must be renewed there; else check ${setting}.`;

/** By Node's codes of X.509 and OpenSSL, or by the words, where a library kept these alone. */
const faults: { codes: RegExp; words: RegExp; fault: Fault }[] = [
  {
    codes:
      /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE|INVALID_CA)$/,
    words: /self[- ]signed certificate|unable to (verify the first|get (local )?issuer) certificate/i,
    fault: ({ service, url, setting, trust }) => {
      const way = trust
        ? `If a certificate authority of your own has signed it, name that under ${trust}.`
        : 'Give it a certificate of a known authority.';
      return `The certificate of ${service} at ${url.host} is signed by nobody who is known here. ${way} Else check ${setting}.`;
    },
  },
  { codes: /^CERT_HAS_EXPIRED$/, words: /certificate has expired/i, fault: untrusted('has expired') },
  {
    codes: /^CERT_NOT_YET_VALID$/,
    words: /certificate is not yet valid/i,
    fault: untrusted('is not valid yet'),
  },
  { codes: /^CERT_REVOKED$/, words: /certificate revoked/i, fault: untrusted('was revoked') },
  {
    codes: /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/,
    words: /does not match certificate's altnames/i,
    fault: untrusted('is for another name'),
  },
  {
    codes: /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)$/,
    words: /wrong version number|packet length too long/i,
    fault: ({ service, url, setting }) =>
      `${service} does not speak TLS at ${url.host}, where ${setting} says that it does. Check the port, and whether it is secured otherwise.`,
  },
  {
    codes: /^HPE_/,
    words: /^Parse Error: Expected HTTP/,
    fault: ({ url, setting }) => `What answers at ${url.host} speaks no HTTP. Check the port in ${setting}.`,
  },
];

/** What stands in the way that no later try removes, and which setting does. Undefined for what may pass. */
export function faultOfSetting(target: Target, error: unknown): string | undefined {
  for (const { code = '', message = '' } of causesOf(error)) {
    const found = faults.find(({ codes, words }) => codes.test(code) || words.test(message));
    if (found) return found.fault(target);
  }
  return undefined;
}
