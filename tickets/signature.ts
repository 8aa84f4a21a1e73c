/**
 * Signatures of deliveries, over the raw body, compared in constant time. Each function says why a delivery is not
 * believed, or undefined when it is.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** How old a signed moment may be, and how far ahead the sender's clock: after that, whoever recorded it could play it again. */
export const replayWindowMs = 5 * 60_000;

/** Jira's `X-Hub-Signature`, over the body. Jira says no moment: its deliveries are kept and known again for good. */
export function jiraSignatureProblem(
  header: string | undefined,
  body: Buffer,
  secret: string,
): string | undefined {
  if (!header) return 'The delivery is not signed. Set a secret for the webhook in Jira.';
  return hexProblem(header, [body], secret, 'Jira');
}

export interface SignedAt {
  signature: string | undefined;
  timestamp: string | undefined;
  body: Buffer;
  secret: string;
  /** Milliseconds since 1970. */
  now: number;
}

/** Ours, where we publish what sends: `X-Countersign-Signature` over TIMESTAMP.BODY, the moment in seconds since 1970. */
export function countersignSignatureProblem(delivery: SignedAt, sender: string): string | undefined {
  const { signature, timestamp, body, secret, now } = delivery;
  if (!signature) return `The delivery is not signed: the header X-Countersign-Signature is missing.`;
  if (!timestamp) return 'The delivery does not say when it was signed: X-Countersign-Timestamp is missing.';
  if (!/^\d{1,12}$/.test(timestamp))
    return 'X-Countersign-Timestamp should be a whole number of seconds since 1970.';
  // The signature first: what is not signed may say any time it likes.
  return (
    hexProblem(signature, [`${timestamp}.`, body], secret, sender) ??
    stalenessOf(Number(timestamp) * 1000, now, sender)
  );
}

/** A secret sent along as it is, where the sender can sign nothing. */
export function sharedSecretProblem(header: string, secret: string, sender: string): string | undefined {
  // Hashed, so that a comparison in constant time does not give the length away.
  const digest = (value: string) => createHash('sha256').update(value).digest();
  if (timingSafeEqual(digest(header), digest(secret))) return undefined;
  return `X-Countersign-Secret is not the secret that countersign.yaml names. Check that ${sender} sends the same.`;
}

/** `METHOD=HEX`. Only sha256 counts: the prefix is the sender's word, and a weaker method must not be a way in. */
function hexProblem(
  header: string,
  parts: (string | Buffer)[],
  secret: string,
  sender: string,
): string | undefined {
  const [method, signature = '', ...rest] = header.split('=');
  if (method !== 'sha256' || rest.length > 0)
    return `The delivery is signed with "${method?.slice(0, 20)}"; only sha256 is accepted.`;
  if (!/^[0-9a-f]{64}$/i.test(signature)) return 'The signature is not 64 hexadecimal digits.';
  const hmac = createHmac('sha256', secret);
  for (const part of parts) hmac.update(part);
  if (timingSafeEqual(hmac.digest(), Buffer.from(signature, 'hex'))) return undefined;
  return mismatch(sender);
}

function mismatch(sender: string): string {
  return `The signature does not match the body. Check that ${sender} and countersign.yaml have the same secret.`;
}

function stalenessOf(signedAt: number, now: number, sender: string): string | undefined {
  const age = now - signedAt;
  if (Math.abs(age) <= replayWindowMs) return undefined;
  if (Number.isNaN(age)) return `The moment at which ${sender} signed the delivery cannot be read.`;
  const minutes = Math.round(Math.abs(age) / 60_000);
  const limit = replayWindowMs / 60_000;
  return age > 0
    ? `The delivery was signed ${minutes} minutes ago, and is believed for ${limit} minutes. If it is no repeat, check that the clocks of ${sender} and of this machine are right.`
    : `The delivery says that it was signed ${minutes} minutes from now. Check that the clocks of ${sender} and of this machine are right.`;
}
