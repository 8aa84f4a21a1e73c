/** Blocks as pages of A4 that print well: PDF with its fonts in it, and the page's number at the foot of each. */
import type { Block, Inline } from '../plan/document.ts';
import { Letters, type Weight } from './letters.ts';
import { isRightToLeft } from './right-to-left.ts';

const margin = 56;
const width = 595 - 2 * margin;
/** Of the names in a list of facts. */
const nameWidth = 130;
const gap = 10;
const ink = '#1d2127';
const quiet = '#5f6773';
const rule = '#c9ced6';
const sizes = { body: 9.5, small: 8, headings: { 1: 19, 2: 13, 3: 10.5 } } as const;

export async function toPdf(title: string, blocks: readonly Block[]): Promise<Buffer> {
  // Loaded where it is needed: its fonts and codecs take long to read.
  const { default: PDFDocument } = await import('pdfkit');
  const document = new PDFDocument({
    size: 'A4',
    margins: { top: margin, bottom: margin + 14, left: margin, right: margin },
    bufferPages: true,
    lang: 'en',
    info: { Title: title, Creator: 'Countersign' },
  });
  const chunks: Buffer[] = [];
  const written = new Promise<Buffer>((resolve, reject) => {
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.on('end', () => resolve(Buffer.concat(chunks)));
    document.on('error', reject);
  });
  const letters = await Letters.of(document, [title, ...blocks.flatMap(textsOf)]);
  const pages = new Pages(document, letters);
  for (const block of blocks) pages.write(block);
  pages.foot(title);
  document.end();
  return written;
}

interface Cell {
  parts: readonly Inline[];
  left: number;
  width: number;
}

class Pages {
  private readonly document: PDFKit.PDFDocument;
  private readonly letters: Letters;

  constructor(document: PDFKit.PDFDocument, letters: Letters) {
    this.document = document;
    this.letters = letters;
  }

  write(block: Block, left = margin): void {
    switch (block.type) {
      case 'heading':
        this.heading(block.level, block.text);
        break;
      case 'paragraph':
        this.row([{ parts: block.text, left, width: margin + width - left }]);
        this.space(4);
        break;
      case 'facts':
        this.facts(block);
        break;
      case 'table':
        this.table(block);
        break;
      case 'list':
        for (const item of block.items) this.item(item, left);
        this.space(4);
        break;
    }
  }

  private heading(level: 1 | 2 | 3, text: readonly Inline[]): void {
    this.space(level === 1 ? 0 : level === 2 ? 16 : 10);
    // Never alone at the foot of a page.
    this.room(level === 3 ? 60 : 90);
    this.document.fontSize(sizes.headings[level]).fillColor(ink);
    this.row([{ parts: [{ strong: text.map(plain).join('') }], left: margin, width }], sizes.headings[level]);
    if (level === 2) this.line(this.document.y + 1);
    this.space(level === 1 ? 8 : 5);
  }

  private facts({ title, rows }: Extract<Block, { type: 'facts' }>): void {
    if (title !== undefined) {
      this.room(40);
      this.row([{ parts: [{ quiet: title }], left: margin, width }]);
      this.space(2);
    }
    const left = title === undefined ? margin : margin + 12;
    for (const [name, value] of rows) {
      this.row([
        { parts: [{ quiet: name }], left, width: nameWidth },
        {
          parts: value.length > 0 ? value : ['–'],
          left: left + nameWidth + gap,
          width: margin + width - left - nameWidth - gap,
        },
      ]);
      this.space(1.5);
    }
    this.space(6);
  }

  private table({ head, rows }: Extract<Block, { type: 'table' }>): void {
    const widths = this.columnWidths(head, rows);
    const cells = (row: readonly (readonly Inline[])[]): Cell[] => {
      let left = margin;
      return row.map((parts, column) => {
        const cell = { parts, left, width: (widths[column] ?? 60) - gap };
        left += widths[column] ?? 60;
        return cell;
      });
    };
    const first = () => {
      this.row(cells(head.map((text) => [{ strong: text }])), sizes.small);
      this.line(this.document.y + 2);
      this.space(6);
    };
    this.room(60);
    first();
    for (const row of rows) {
      const drawn = cells(row);
      if (!this.fits(this.heightOf(drawn, sizes.small))) {
        this.document.addPage();
        first();
      }
      this.row(drawn, sizes.small);
      this.space(4);
    }
    this.space(6);
  }

  /** As wide as what stands in them, the longest ones sharing what is left. */
  private columnWidths(head: readonly string[], rows: readonly (readonly (readonly Inline[])[])[]): number[] {
    this.document.fontSize(sizes.small);
    const wanted = head.map((name, column) => {
      const texts = [name, ...rows.slice(0, 200).map((row) => (row[column] ?? []).map(plain).join(''))];
      return gap + 2 + Math.max(...texts.map((text) => this.widthOf(text)));
    });
    const fair = width / Math.max(1, wanted.length);
    const narrow = wanted.filter((each) => each <= fair).reduce((sum, each) => sum + each, 0);
    const wide = wanted.filter((each) => each > fair);
    const share = (width - narrow) / Math.max(1, wide.length);
    const needed = wide.reduce((sum, each) => sum + Math.min(each, 3 * share), 0);
    return wanted.map((each) =>
      each <= fair ? each : (Math.min(each, 3 * share) / needed) * (width - narrow),
    );
  }

  private widthOf(text: string): number {
    return this.document.widthOfString(this.letters.set(text.slice(0, 200), 'bold'));
  }

  private item([first, ...rest]: readonly Block[], left: number): void {
    const parts = first?.type === 'paragraph' ? first.text : [];
    this.row([
      { parts: ['•'], left: left + 4, width: 10 },
      { parts, left: left + 16, width: margin + width - left - 16 },
    ]);
    this.space(1.5);
    for (const block of rest) this.write(block, left + 16);
  }

  /** Texts beside each other, on one page where they fit on one. */
  private row(cells: readonly Cell[], size: number = sizes.body): void {
    const height = this.heightOf(cells, size);
    if (!this.fits(height)) this.document.addPage();
    const top = this.document.y;
    const [longest] = [...cells].sort((a, b) => this.heightOf([b], size) - this.heightOf([a], size));
    const page = this.document.bufferedPageRange().count;
    let bottom = top;
    for (const cell of [...cells.filter((each) => each !== longest), ...(longest ? [longest] : [])]) {
      this.text(cell, top, size);
      bottom = Math.max(bottom, this.document.y);
    }
    // What is longer than a page has gone on to the next one.
    if (this.document.bufferedPageRange().count === page) this.document.y = bottom;
  }

  private text({ parts, left, width: room }: Cell, top: number, size: number): void {
    const shown = parts.filter((part) => plain(part) !== '');
    if (shown.length === 0) return;
    this.document.fontSize(size);
    const whole = shown.map(plain).join('');
    if (isRightToLeft(whole)) {
      this.document.fillColor(ink).y = top;
      this.letters.write(whole, 'regular', { left, width: room });
      return;
    }
    for (const [index, part] of shown.entries()) {
      const text = this.letters.set(plain(part), weightOf(part));
      const options = { width: room, continued: index < shown.length - 1 };
      this.document.fillColor(isQuiet(part) ? quiet : ink);
      if (index === 0) this.document.text(text, left, top, options);
      else this.document.text(text, options);
    }
  }

  private heightOf(cells: readonly Cell[], size: number): number {
    this.document.fontSize(size);
    return Math.max(
      ...cells.map(({ parts, width: room }) => {
        const bold = parts.some((part) => weightOf(part) === 'bold');
        return this.letters.heightOf(parts.map(plain).join('') || ' ', bold ? 'bold' : 'regular', room);
      }),
    );
  }

  private fits(height: number): boolean {
    const { page, y } = this.document;
    return y + height <= page.height - page.margins.bottom || y <= margin + 1;
  }

  private room(height: number): void {
    if (!this.fits(height)) this.document.addPage();
  }

  /** At the top of a page there is space already. */
  private space(points: number): void {
    if (this.document.y > margin + 1) this.document.y += points;
  }

  private line(y: number): void {
    this.document
      .moveTo(margin, y)
      .lineTo(margin + width, y)
      .lineWidth(0.6)
      .strokeColor(rule)
      .stroke();
  }

  foot(title: string): void {
    const { start, count } = this.document.bufferedPageRange();
    for (let page = start; page < start + count; page++) {
      this.document.switchToPage(page);
      // Below the margin, where pdfkit would begin another page.
      this.document.page.margins.bottom = 0;
      const y = this.document.page.height - margin;
      this.line(y - 6);
      this.document.fontSize(sizes.small).fillColor(quiet);
      const text = this.letters.set(title, 'regular');
      this.document.text(text, margin, y, {
        width: width - 80,
        height: 12,
        ellipsis: true,
        lineBreak: false,
      });
      this.document
        .font('regular')
        .text(`${page - start + 1} of ${count}`, margin + width - 80, y, { width: 80, align: 'right' });
    }
  }
}

function plain(part: Inline): string {
  if (typeof part === 'string') return part;
  if ('code' in part) return part.code;
  return 'strong' in part ? part.strong : part.quiet;
}

function weightOf(part: Inline): Weight {
  return typeof part === 'object' && 'strong' in part ? 'bold' : 'regular';
}

function isQuiet(part: Inline): boolean {
  return typeof part === 'object' && 'quiet' in part;
}

/** All that will be written, so that the fonts for it are there. */
function textsOf(block: Block): string[] {
  switch (block.type) {
    case 'heading':
    case 'paragraph':
      return block.text.map(plain);
    case 'facts':
      return [block.title ?? '', ...block.rows.flatMap(([name, value]) => [name, ...value.map(plain)])];
    case 'table':
      return [...block.head, ...block.rows.flat(2).map(plain)];
    case 'list':
      return block.items.flat().flatMap(textsOf);
  }
}
