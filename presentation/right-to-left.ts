/**
 * Text that is read from right to left. The fonts' own rules join and turn the letters of a word; in which order words and numbers
 * stand on a line is the Unicode Bidirectional Algorithm's to say (UAX #9).
 */

import type { Bidi } from 'bidi-js';

/** Scripts whose letters DejaVu Sans has, with their joined forms where there are any. */
const rightToLeft = /[\p{Script=Hebrew}\p{Script=Arabic}]/u;

export function isRightToLeft(text: string): boolean {
  return rightToLeft.test(text);
}

/** Lines of a text that is no wider than `width`, broken between words, and within a word that is wider alone. */
export function linesOf(text: string, width: number, widthOf: (text: string) => number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    const put = (part: string) => {
      if (line !== '' && widthOf(`${line}${part}`.trimEnd()) > width) {
        lines.push(line.trimEnd());
        line = '';
      }
      line += part;
    };
    for (const word of paragraph.match(/\S+\s*|\s+/g) ?? [])
      for (const part of widthOf(word.trimEnd()) > width ? word : [word]) put(part);
    return [...lines, line.trimEnd()];
  });
}

/** Loaded where a text needs it. */
export async function bidirectional(): Promise<Bidirectional> {
  // Its types speak of another form of the module than Node loads.
  const { default: make } = (await import('bidi-js')) as unknown as { default: () => Bidi };
  return new Bidirectional(make());
}

export class Bidirectional {
  private readonly bidi: Bidi;

  constructor(bidi: Bidi) {
    this.bidi = bidi;
  }

  /** The pieces of each line as they stand from left to right. Each is set by itself: its letters are turned by the font. */
  piecesOf(lines: readonly string[]): string[][] {
    // As the whole begins: a later line may begin with a word of the other direction.
    const [first] = this.bidi.getEmbeddingLevels(lines.join(' ')).paragraphs;
    const base = (first?.level ?? 0) % 2 === 1 ? 'rtl' : 'ltr';
    return lines.map((line) => piecesOf(line, base, this.bidi));
  }
}

function piecesOf(line: string, base: 'rtl' | 'ltr', bidi: Bidi): string[] {
  const embedding = bidi.getEmbeddingLevels(line, base);
  const mirrored = bidi.getMirroredCharactersMap(line, embedding.levels);
  const order = bidi.getReorderedIndices(line, embedding);
  const pieces: string[] = [];
  for (const run of runsOf(order, embedding.levels)) {
    const isTurned = (embedding.levels[run[0] ?? 0] ?? 0) % 2 === 1;
    const text = (isTurned ? run.toReversed() : run).map((at) => mirrored.get(at) ?? line[at] ?? '').join('');
    pieces.push(...(isTurned ? turned(text) : [text]));
  }
  return pieces;
}

/** Places that follow each other on the line and have one level. */
function runsOf(order: readonly number[], levels: Uint8Array): number[][] {
  const runs: number[][] = [];
  for (const at of order) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run && last !== undefined && levels[last] === levels[at] && Math.abs(last - at) === 1) run.push(at);
    else runs.push([at]);
  }
  return runs;
}

/** Words from the last to the first. A word without a letter of such a script is not turned by the font. */
function turned(text: string): string[] {
  const words = text.match(/\s+|\S+/g) ?? [];
  return words.reverse().map((word) => (isRightToLeft(word) ? word : [...word].reverse().join('')));
}
