/** One file's text, with the way from an offset to a line and column. */
export interface SourceRange {
  /** Offsets in UTF-16 units; `end` is exclusive. */
  start: number;
  end: number;
}

export interface LineColumn {
  /** Both count from 1. */
  line: number;
  column: number;
}

export class SourceFile {
  readonly path: string;
  readonly text: string;
  private lines: number[] | undefined;

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
  }

  lineColumn(offset: number): LineColumn {
    const starts = this.lineStarts();
    const at = Math.max(0, Math.min(offset, this.text.length));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    const column = at - (starts[low] ?? 0) + 1 - (low === 0 ? this.bomLength() : 0);
    // The byte-order mark itself counts as the first place.
    return { line: low + 1, column: Math.max(1, column) };
  }

  /** The text of a line, without its line break or byte-order mark. */
  lineText(line: number): string {
    const starts = this.lineStarts();
    const start = (starts[line - 1] ?? this.text.length) + (line === 1 ? this.bomLength() : 0);
    return this.text.slice(start, this.lineEnd(line));
  }

  lineStart(line: number): number {
    return this.lineStarts()[line - 1] ?? this.text.length;
  }

  /** The offset behind the last character of a line. */
  lineEnd(line: number): number {
    let end = this.lineStarts()[line] ?? this.text.length;
    while (end > this.lineStart(line) && /[\r\n]/.test(this.text[end - 1] ?? '')) end -= 1;
    return end;
  }

  private bomLength(): number {
    return this.text.charCodeAt(0) === 0xfeff ? 1 : 0;
  }

  private lineStarts(): number[] {
    if (this.lines) return this.lines;
    const starts = [0];
    for (let at = this.text.indexOf('\n'); at !== -1; at = this.text.indexOf('\n', at + 1))
      starts.push(at + 1);
    this.lines = starts;
    return starts;
  }
}
