/** Reading what a service answers: never more than is bounded, and never something else for it. An answer that cannot be read is none. */
import { isTooDeep } from '../../plan/depth.ts';
import { PermanentFailure, RetryableFailure } from './failures.ts';

/** Far above any page that is asked for; below what would hurt the process. */
export const largestAnswerBytes = 16 * 1024 * 1024;

/** The whole body. Stops at the limit, whatever length the service announced. */
export async function boundedBytes(
  service: string,
  response: { body: AsyncIterable<Uint8Array> | null },
  limit = largestAnswerBytes,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > limit)
      throw new PermanentFailure(
        `${service} answered with more than ${limit / 1024 / 1024} MB, which is not read. Check its address, or ask for less.`,
      );
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

export async function boundedText(
  service: string,
  response: { body: AsyncIterable<Uint8Array> | null },
  limit?: number,
): Promise<string> {
  return new TextDecoder().decode(await boundedBytes(service, response, limit));
}

/** As far as JSON goes: what is no JSON stays text, and is undefined where there is none. */
export function parsedAnswer(text: string): unknown {
  if (!text) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    // Whatever walks through it would break on it; as text it says what came.
    return isTooDeep(parsed) ? text : parsed;
  } catch {
    return text;
  }
}

export function isObject(body: unknown): body is Record<string, unknown> {
  return typeof body === 'object' && body !== null && !Array.isArray(body);
}

/** What stands in between (a proxy, a sign-in page, a load balancer) may answer in a service's place, or cut its answer. */
export function notItsOwn(service: string, status: number, body: unknown, setting: string): RetryableFailure {
  const what =
    body === undefined
      ? 'an empty answer'
      : typeof body === 'string'
        ? /^\s*</.test(body)
          ? 'a web page'
          : 'an answer that is cut, or no JSON'
        : 'an answer that is not its own';
  return new RetryableFailure(
    `${service} sent ${what} (${status}). Something in between may have answered in its place; if it stays so, check ${setting}.`,
    { status },
  );
}
