/**
 * The letters of a PDF, such as a purchase order. PDF's own fonts have those of Western Europe alone: DejaVu Sans has the other
 * alphabets of Europe and more, and UnifontEX, drawn in dots, nearly every other script (Chinese, Japanese and Korean among them).
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { inflateSync } from 'node:zlib';
import { type Bidirectional, bidirectional, isRightToLeft, linesOf } from './right-to-left.ts';

const installed = createRequire(import.meta.url);
const files = {
  regular: '@fontsource/dejavu-sans/files/dejavu-sans-latin-400-normal.woff',
  bold: '@fontsource/dejavu-sans/files/dejavu-sans-latin-700-normal.woff',
  everything: '@fontsource/unifontex/files/unifontex-latin-400-normal.woff',
};

export type Weight = 'regular' | 'bold';

/** Where a text stands: a left edge, and how far it may reach. */
export interface Place {
  left: number;
  width: number;
}

/** Chooses for each text the font that has its letters, and writes it in the direction in which it is read. */
export class Letters {
  private readonly document: PDFKit.PDFDocument;
  /** Where a text is read from right to left. */
  private readonly directions: Bidirectional | undefined;

  private constructor(document: PDFKit.PDFDocument, directions: Bidirectional | undefined) {
    this.document = document;
    this.directions = directions;
  }

  /** `texts` are all that will be written: a font that none of them needs is not read. */
  static async of(document: PDFKit.PDFDocument, texts: readonly string[]): Promise<Letters> {
    for (const weight of ['regular', 'bold'] as const)
      document.registerFont(weight, await fontIn(files[weight]));
    const letters = new Letters(document, texts.some(isRightToLeft) ? await bidirectional() : undefined);
    if (texts.some((text) => !letters.has('regular', text)))
      document.registerFont('everything', await fontIn(files.everything));
    return letters;
  }

  /** Writes from where the document is, and moves it to below the text. */
  write(text: string, weight: Weight, { left, width }: Place): void {
    const { document } = this;
    const shown = this.set(text, weight);
    if (!this.directions || !isRightToLeft(shown)) {
      document.text(shown, left, document.y, { width });
      return;
    }
    const height = document.currentLineHeight(true);
    for (const pieces of this.directions.piecesOf(this.linesIn(shown, width))) {
      if (document.y + height > document.page.maxY()) document.addPage();
      const top = document.y;
      let at = left;
      for (const piece of pieces) {
        document.text(piece, at, top, { lineBreak: false });
        at += document.widthOfString(piece);
      }
      document.y = top + height;
    }
    document.x = left;
  }

  /** How high a text will be. */
  heightOf(text: string, weight: Weight, width: number): number {
    const shown = this.set(text, weight);
    if (!this.directions || !isRightToLeft(shown)) return this.document.heightOfString(shown, { width });
    return this.linesIn(shown, width).length * this.document.currentLineHeight(true);
  }

  private linesIn(text: string, width: number): string[] {
    return linesOf(text, width, (part) => this.document.widthOfString(part));
  }

  /** Sets the font for a text, and gives the text as it can be written in it. */
  set(text: string, weight: Weight): string {
    const plain = text.normalize('NFC');
    const isCommon = this.has('regular', plain);
    this.document.font(isCommon ? weight : 'everything');
    if (isCommon) return plain;
    return [...plain].map((letter) => (this.has('everything', letter) ? letter : '?')).join('');
  }

  private has(name: string, text: string): boolean {
    this.document.font(name);
    const { font } = (this.document as unknown as { _font: Embedded })._font;
    return [...text].every(
      (letter) => letter === '\n' || font.hasGlyphForCodePoint(letter.codePointAt(0) ?? 0),
    );
  }
}

/** How pdfkit keeps the font that is set: as fontkit reads it. */
interface Embedded {
  font: { hasGlyphForCodePoint(code: number): boolean };
}

async function fontIn(file: string): Promise<Buffer> {
  return opened(await readFile(installed.resolve(file)));
}

/**
 * A font without the packing of the web (WOFF File Format 1.0, W3C). pdfkit would unpack it too, in JavaScript: some seconds
 * in which the worker could say nothing of its other activities.
 */
function opened(woff: Buffer): Buffer {
  const count = woff.readUInt16BE(12);
  const directory = Buffer.alloc(12 + 16 * count);
  const power = Math.floor(Math.log2(count));
  directory.writeUInt32BE(woff.readUInt32BE(4), 0);
  directory.writeUInt16BE(count, 4);
  directory.writeUInt16BE(2 ** power * 16, 6);
  directory.writeUInt16BE(power, 8);
  directory.writeUInt16BE(count * 16 - 2 ** power * 16, 10);
  const parts: Uint8Array[] = [directory];
  let at = directory.length;
  for (let index = 0; index < count; index++) {
    const entry = 44 + 20 * index;
    const begin = woff.readUInt32BE(entry + 4);
    const packed = woff.subarray(begin, begin + woff.readUInt32BE(entry + 8));
    const length = woff.readUInt32BE(entry + 12);
    const place = 12 + 16 * index;
    woff.copy(directory, place, entry, entry + 4);
    directory.writeUInt32BE(woff.readUInt32BE(entry + 16), place + 4);
    directory.writeUInt32BE(at, place + 8);
    directory.writeUInt32BE(length, place + 12);
    const padding = (4 - (length % 4)) % 4;
    parts.push(packed.length < length ? inflateSync(packed) : packed, Buffer.alloc(padding));
    at += length + padding;
  }
  return Buffer.concat(parts);
}
