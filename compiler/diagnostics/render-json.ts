/** Diagnostics for programs (`countersign validate --format json`). */
import { defined } from '../../plan/defined.ts';
import type { Diagnostic } from './diagnostic.ts';

export interface JsonReport {
  /** Every file that was looked at, with or without errors. */
  files: string[];
  errors: JsonEntry[];
  warnings: JsonEntry[];
}

export interface JsonEntry {
  code: string;
  message: string;
  file: string;
  /** Lines and columns count from 1; the end is exclusive. */
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  suggestion?: string;
}

export function jsonReport(diagnostics: readonly Diagnostic[], files: readonly string[]): JsonReport {
  const entries = (severity: Diagnostic['severity']) =>
    diagnostics.filter((diagnostic) => diagnostic.severity === severity).map(entryOf);
  return { files: [...files], errors: entries('error'), warnings: entries('warning') };
}

function entryOf({
  code,
  message,
  file,
  line,
  column,
  endLine,
  endColumn,
  suggestion,
}: Diagnostic): JsonEntry {
  return {
    code,
    message,
    file,
    line,
    column,
    endLine,
    endColumn,
    ...defined({ suggestion }),
  };
}
