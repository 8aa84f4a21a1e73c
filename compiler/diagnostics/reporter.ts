/** Gathers the diagnostics of one file. Reporting never stops the compiler: one run finds all there is to find. */
import { defined } from '../../plan/defined.ts';
import type { SourceFile, SourceRange } from '../source/source-file.ts';
import type { Definition, Diagnostic } from './diagnostic.ts';

export interface Extra {
  suggestion?: string | undefined;
  related?: { message: string; file: SourceFile; at: number }[] | undefined;
}

/** A file with a mistake on every line is not helped by more than this. */
const limit = 200;

export class Reporter {
  readonly file: SourceFile;
  readonly diagnostics: Diagnostic[] = [];
  private readonly seen = new Set<string>();

  constructor(file: SourceFile) {
    this.file = file;
  }

  report<Params>(definition: Definition<Params>, at: SourceRange, params: Params, extra: Extra = {}): void {
    if (this.diagnostics.length >= limit) return;
    const message = definition.message(params);
    const length = this.file.text.length;
    const start = Math.max(0, Math.min(at.start, length));
    const end = Math.max(start, Math.min(at.end, length));
    const key = `${definition.code} ${start} ${end} ${message}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    const from = this.file.lineColumn(start);
    const to = this.file.lineColumn(end);
    this.diagnostics.push({
      code: definition.code,
      severity: definition.severity,
      message,
      file: this.file.path,
      range: { start, end },
      line: from.line,
      column: from.column,
      endLine: to.line,
      endColumn: to.column,
      ...defined({
        suggestion: extra.suggestion,
        related:
          extra.related === undefined
            ? undefined
            : extra.related.map(({ message: why, file, at: place }) => ({
                message: why,
                file: file.path,
                ...file.lineColumn(place),
              })),
      }),
    });
  }

  get hasErrors(): boolean {
    return this.diagnostics.some(({ severity }) => severity === 'error');
  }
}

export function byPlace(a: Diagnostic, b: Diagnostic): number {
  return (
    a.file.localeCompare(b.file, 'en') ||
    a.range.start - b.range.start ||
    a.range.end - b.range.end ||
    a.code.localeCompare(b.code, 'en')
  );
}
