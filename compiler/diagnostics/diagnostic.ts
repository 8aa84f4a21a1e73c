/** What a diagnostic is, and how one is defined. */
export type Severity = 'error' | 'warning';

export interface Diagnostic {
  /** Stable: `CS` and four digits. `countersign explain CODE` says more. */
  code: string;
  severity: Severity;
  message: string;
  file: string;
  /** Offsets in the file's text, in UTF-16 units; `end` is exclusive. */
  range: { start: number; end: number };
  /** Lines and columns count from 1; the end is exclusive. */
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  /** What to write instead, when there is one obvious thing. */
  suggestion?: string;
  related?: Related[];
}

/** Another place that has to do with it, such as the earlier definition. */
export interface Related {
  message: string;
  file: string;
  line: number;
  column: number;
}

export interface Definition<Params> {
  code: string;
  title: string;
  severity: Severity;
  message(params: Params): string;
  /** Why it matters and what to do, for `countersign explain`. */
  explanation: string;
  /** A runbook, or the part of one, that gets this diagnostic. */
  wrong: string;
  right: string;
}

/** Types a diagnostic's literal: an error, unless it says otherwise. */
export function define<Params = Record<never, never>>(
  definition: Omit<Definition<Params>, 'severity'> & { severity?: Severity },
): Definition<Params> {
  return { severity: 'error', ...definition };
}

/** `a`, `b` or `c`. One is not left out: to say so takes as much room. */
export function listOf(names: readonly string[], limit = 12): string {
  const isCut = names.length > limit + 1;
  const shown = (isCut ? names.slice(0, limit) : names).map((name) => `\`${name}\``);
  if (isCut) return `${shown.join(', ')} and ${names.length - limit} more`;
  if (shown.length < 2) return shown.join('');
  return `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`;
}
