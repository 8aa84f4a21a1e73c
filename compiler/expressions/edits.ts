/** Changes to an expression's text, gathered while it is checked. Everything not changed stays as its author wrote it. */
import type { SourceRange } from '../source/source-file.ts';

interface Edit extends SourceRange {
  text: string;
  /** Order of edits at the same place: what closes comes before what opens. */
  order: number;
}

export class Edits {
  private edits: Edit[] = [];

  insert(at: number, text: string): void {
    if (this.edits.some((edit) => edit.start === at && edit.end === at && edit.text === text)) return;
    this.edits.push({ start: at, end: at, text, order: this.edits.length });
  }

  /** Puts something around a part. What is wrapped later stands further out. */
  wrap(range: SourceRange, before: string, after: string): void {
    this.edits.push({ start: range.start, end: range.start, text: before, order: -this.edits.length });
    this.edits.push({ start: range.end, end: range.end, text: after, order: this.edits.length });
  }

  replace(range: SourceRange, text: string): void {
    this.edits.push({ start: range.start, end: range.end, text, order: this.edits.length });
  }

  /** Forgets what was gathered since, for a part that turned out to need no change. */
  mark(): number {
    return this.edits.length;
  }

  get isEmpty(): boolean {
    return this.edits.length === 0;
  }

  apply(source: string): string {
    if (this.edits.length === 0) return source;
    const ordered = [...this.edits].sort((a, b) => a.start - b.start || a.end - b.end || a.order - b.order);
    let result = '';
    let at = 0;
    for (const { start, end, text } of ordered) {
      if (start < at) continue;
      result += source.slice(at, start) + text;
      at = Math.max(at, end);
    }
    return result + source.slice(at);
  }
}
