/**
 * Signatures of deliveries, over the raw body, compared in constant time. Each function says why a delivery is not
 * believed, or undefined when it is.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Signing } from '../plan/declared-tickets.ts';
import type { RawDelivery } from './ticket-system.ts';

/** How old a signed moment may be, and how far ahead the sender's clock: after that, whoever recorded it could play it again. */
export const replayWindowMs = 5 * 60_000;

type Hmac = Extract<Signing, { by: 'hmac' }>;

/** By the first of the schemes whose header is there; where none is, by the first. */
export function doubtOf(
  signed: readonly Signing[],
  delivery: RawDelivery,
  secret: string,
  title: string,
): string | undefined {
  const scheme = signed.find(({ header }) => delivery.header(header) !== undefined) ?? signed[0];
  // Nothing could be believed then, and so nothing is.
  if (!scheme) return `${title} signs nothing.`;
  const sender = scheme.sender ?? title;
  const given = delivery.header(scheme.header);
  if (scheme.by === 'hmac') return hmacProblem(scheme, given, delivery, { secret, sender });
  if (given === undefined)
    return `The delivery does not show who sent it: the header ${scheme.shown} is missing.`;
  return sharedSecretProblem(given, secret, { sender, header: scheme.shown });
}

/** A secret sent along as it is, where the sender can sign nothing. */
function sharedSecretProblem(
  given: string,
  secret: string,
  { sender, header }: { sender: string; header: string },
): string | undefined {
  // Hashed, so that a comparison in constant time does not give the length away.
  const digest = (value: string) => createHash('sha256').update(value).digest();
  if (timingSafeEqual(digest(given), digest(secret))) return undefined;
  return `${header} is not the secret that countersign.yaml names. Check that ${sender} sends the same.`;
}

function hmacProblem(
  scheme: Hmac,
  given: string | undefined,
  delivery: RawDelivery,
  { secret, sender }: { secret: string; sender: string },
): string | undefined {
  if (!given)
    return `The delivery is not signed: the header ${scheme.shown} is missing.${scheme.advice ? ` ${scheme.advice}` : ''}`;
  const { timestamp } = scheme;
  const moment = timestamp && delivery.header(timestamp.header);
  if (timestamp && !moment)
    return `The delivery does not say when it was signed: ${timestamp.shown} is missing.`;
  if (timestamp?.clock === 'seconds' && !/^\d{1,12}$/.test(moment ?? ''))
    return `${timestamp.shown} should be a whole number of seconds since 1970.`;
  const signature = signatureIn(given, scheme.encoding);
  if (typeof signature === 'string') return signature;
  const hmac = createHmac('sha256', secret);
  if (moment) hmac.update(scheme.over === 'timestamp.body' ? `${moment}.` : moment);
  // The signature first: what is not signed may say any time it likes.
  if (!timingSafeEqual(hmac.update(delivery.body).digest(), signature))
    return `The signature does not match the body. Check that ${sender} and countersign.yaml have the same secret.`;
  if (!timestamp || !moment) return undefined;
  const at = timestamp.clock === 'seconds' ? Number(moment) * 1000 : Date.parse(moment);
  return stalenessOf(at, delivery.receivedAt, sender);
}

/** Its 32 bytes, or what is wrong. Only sha256 counts: a prefix is the sender's word, and a weaker method must not be a way in. */
function signatureIn(given: string, encoding: Hmac['encoding']): Buffer | string {
  if (encoding === 'base64')
    return /^[A-Za-z0-9+/]{43}=$/.test(given)
      ? Buffer.from(given, 'base64')
      : 'The signature is not 32 bytes in base64.';
  const [method, signature = '', ...rest] = encoding === 'hex' ? ['sha256', given] : given.split('=');
  if (method !== 'sha256' || rest.length > 0)
    return `The delivery is signed with "${method?.slice(0, 20)}"; only sha256 is accepted.`;
  return /^[0-9a-f]{64}$/i.test(signature)
    ? Buffer.from(signature, 'hex')
    : 'The signature is not 64 hexadecimal digits.';
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
