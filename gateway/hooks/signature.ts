/** Signatures of ticket systems, over the raw body, compared in constant time. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Jira's `X-Hub-Signature: METHOD=HEX`. Only sha256 counts: the prefix is the sender's word, and a weaker method must not
 * be a way in. Returns why it is not believed, or undefined when it is.
 */
export function jiraSignatureProblem(
  header: string | undefined,
  body: Buffer,
  secret: string,
): string | undefined {
  if (!header) return 'The delivery is not signed. Set a secret for the webhook in Jira.';
  const [method, signature = '', ...rest] = header.split('=');
  if (method !== 'sha256' || rest.length > 0) {
    return `The delivery is signed with "${method?.slice(0, 20)}"; only sha256 is accepted.`;
  }
  if (!/^[0-9a-f]{64}$/i.test(signature)) return 'The signature is not 64 hexadecimal digits.';
  const expected = createHmac('sha256', secret).update(body).digest();
  if (timingSafeEqual(expected, Buffer.from(signature, 'hex'))) return undefined;
  return 'The signature does not match the body. Check that Jira and countersign.yaml have the same secret.';
}
