/** Lengths of time: fixed, or computed by the run. */
import { parseDuration } from '../../plan/lexical.ts';
import type { ComputedLength, Length, Template } from '../../plan/plan.ts';
import * as forms from '../diagnostics/registry/forms.ts';
import { astOf } from '../expressions/ast.ts';
import type { Reading } from '../scope/reading.ts';
import { type Node, textOf } from '../source/tree.ts';
import { readText } from './template.ts';

/** What an expression within a length may give: a number, a unit, a length, or nothing. */
const parts = ['2', '2d', '2 business days', '30', 'm', 'h', 'd', 'business days', ''];
/** More expressions than this in one length are left to the run. */
const mostExpressions = 3;

export function readLength(node: Node | undefined, where: string, reading: Reading): Length | undefined {
  const text = textOf(node);
  if (!node || node.broken || text === undefined || !text.includes('${{'))
    return reading.session.duration(node, where);
  const template = readText(node, { where, fallback: '"1d"' }, reading);
  if (!canBeLength(template)) reading.report(forms.noLength, node, { where, value: text });
  return typeof template === 'string' ? parseDuration(template) : (template as ComputedLength);
}

/** False only where no run could read it, whatever its expressions give. */
function canBeLength(template: Template): boolean {
  if (typeof template === 'string') return parseDuration(template) !== undefined;
  const { $expr, $text } = template as { $expr?: string; $text?: Template[] };
  if ($expr !== undefined) {
    const ast = astOf($expr);
    return ast?.op !== 'value' || (typeof ast.args === 'string' && parseDuration(ast.args) !== undefined);
  }
  const pieces = $text ?? [];
  if (pieces.filter((piece) => typeof piece !== 'string').length > mostExpressions) return true;
  const filled = pieces.reduce<string[]>(
    (texts, piece) =>
      texts.flatMap((text) =>
        typeof piece === 'string' ? [text + piece] : parts.map((part) => text + part),
      ),
    [''],
  );
  return filled.some((text) => parseDuration(text) !== undefined);
}
