/** The body of an answer: never more than a run can keep. */
import { isTooDeep } from '../../plan/depth.ts';
import type { Json } from '../../plan/plan.ts';
import { PermanentFailure } from '../kit/failures.ts';

/** Leaves room below the 256 KB of an action's whole answer. */
const largestAnswer = 192 * 1024;

/** Stops reading at the limit, whatever length the service announced. */
export async function cappedText(stream: AsyncIterable<Uint8Array>, host: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    if (size > largestAnswer)
      throw new PermanentFailure(
        `${host} answered with more than the ${largestAnswer / 1024} KB that a run can keep. Ask it for less.`,
      );
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** JSON where it is, else the text itself, as for what is nested too deeply; nothing where there is none. */
export function parsedBody(text: string): Json {
  if (text === '') return null;
  try {
    const parsed = JSON.parse(text) as Json;
    return isTooDeep(parsed) ? text : parsed;
  } catch {
    return text;
  }
}
