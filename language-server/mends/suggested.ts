/** The suggestion of a diagnostic, written as YAML has it where it stands. */

import type { ScalarNode } from '../../compiler/source/tree.ts';
import { applied } from '../format.ts';
import { readTree } from '../workspace.ts';
import type { Mend, Place } from './mend.ts';
import { scalarAround } from './tree-places.ts';

/** Their suggestions are YAML already: quotes around what needs them are the very point. */
const writtenAsYaml: ReadonlySet<string> = new Set([
  'CS1009',
  'CS1010',
  'CS1011',
  'CS1012',
  'CS1020',
  'CS1113',
]);

export function suggestedMend({ workspace, file, text, diagnostic }: Place): Mend | undefined {
  const { suggestion, range, code } = diagnostic;
  if (suggestion === undefined) return undefined;
  const { root } = workspace.tree(file);
  const around = scalarAround(root, range);
  const wanted = wordings(suggestion, code, around, { text, ...range });
  const errors = problemsIn(text);
  const edit = wanted.find((each) => {
    const result = applied(text, [each]);
    return problemsIn(result) <= errors && meansIt(result, each, suggestion, { code, around, range });
  });
  return edit && { title: `Write \`${edit.text.trim()}\``, edits: [edit] };
}

interface Edit {
  start: number;
  end: number;
  text: string;
}

/** How it could be written, the plainest first. */
function wordings(
  suggestion: string,
  code: string,
  around: ReturnType<typeof scalarAround>,
  { text, start, end }: Edit,
): Edit[] {
  const quoted = [JSON.stringify(suggestion), `'${suggestion.replaceAll("'", "''")}'`];
  const inPlace = (written: string): Edit => ({ start, end, text: written });
  if (writtenAsYaml.has(code) || around === undefined || around.kind === 'key')
    return [suggestion, ...quoted].map(inPlace);
  if (around.start === start && around.end === end)
    return (/^["']/.test(around.raw) ? [...quoted, suggestion] : [suggestion, ...quoted]).map(inPlace);
  if (around.raw.startsWith('"')) return [inPlace(JSON.stringify(suggestion).slice(1, -1))];
  if (around.raw.startsWith("'")) return [inPlace(suggestion.replaceAll("'", "''"))];
  const whole = text.slice(around.start, start) + suggestion + text.slice(end, around.end);
  const inQuotes = { start: around.start, end: around.end, text: `'${whole.replaceAll("'", "''")}'` };
  return around.style === 'plain' ? [inPlace(suggestion), inQuotes] : [inPlace(suggestion)];
}

/** That a plain wording is still the text that was suggested: `no` and `1.0` are none. */
function meansIt(
  result: string,
  edit: Edit,
  suggestion: string,
  {
    code,
    around,
    range,
  }: { code: string; around: ReturnType<typeof scalarAround>; range: { start: number; end: number } },
): boolean {
  if (writtenAsYaml.has(code) || around?.kind !== 'scalar') return true;
  const { root } = readTree('', result);
  const found = scalarAround(root, { start: edit.start, end: edit.start + edit.text.length });
  if (found?.kind !== 'scalar') return false;
  if (around.start === range.start && around.end === range.end) return String(found.value) === suggestion;
  return typeof found.value === 'string';
}

function problemsIn(text: string): number {
  const { root, broken } = readTree('', text);
  return root === undefined || broken ? 1 : 0;
}

/** Exported for the mends that write into an expression: a piece of it as the scalar around has it. */
export function inScalar(node: ScalarNode | undefined, written: string): string {
  if (node?.raw.startsWith('"')) return JSON.stringify(written).slice(1, -1);
  return node?.raw.startsWith("'") ? written.replaceAll("'", "''") : written;
}
