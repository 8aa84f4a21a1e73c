/** What a run says of itself, in as many answers as that takes: Temporal gives no answer of more than 2 MB to a query. */
import type { RunView } from './messages.ts';

/** A part of the view's JSON, where that is too long for one answer. */
export interface ViewPart {
  part: string;
  /** Of the whole, which may be another one by the next part. */
  characters: number;
  checksum: number;
}

/** Up to three bytes each in UTF-8. */
const partCharacters = 512 * 1024;

/** How often it may become another one while it is read. */
const mostReadings = 5;

export function viewPage(view: RunView, from = 0): RunView | ViewPart {
  const text = JSON.stringify(view);
  if (from === 0 && text.length <= partCharacters) return view;
  const part = text.slice(from, from + partCharacters);
  return { part, characters: text.length, checksum: checksumOf(text) };
}

export async function wholeView(ask: (from: number) => Promise<RunView | ViewPart>): Promise<RunView> {
  for (let reading = 0; reading < mostReadings; reading += 1) {
    const first = await ask(0);
    if (!('part' in first)) return first;
    const text = await rest(first, ask);
    if (text !== undefined) return JSON.parse(text) as RunView;
  }
  throw new Error('The run changes faster than it can be read. Try again.');
}

/** Undefined when it became another one meanwhile. */
async function rest(
  { part, characters, checksum }: ViewPart,
  ask: (from: number) => Promise<RunView | ViewPart>,
): Promise<string | undefined> {
  let text = part;
  while (text.length < characters) {
    const next = await ask(text.length);
    if (!('part' in next) || next.characters !== characters || next.checksum !== checksum) return undefined;
    text += next.part;
  }
  return text;
}

/** No secret's matter: only whether two parts are of one text. */
function checksumOf(text: string): number {
  let sum = 0;
  for (let index = 0; index < text.length; index += 1)
    sum = (Math.imul(sum, 31) + text.charCodeAt(index)) | 0;
  return sum;
}
