/** Moments that a run waits for: a date or a time, written or computed. */
import { zonedMoment } from '../../organisation/local-time.ts';
import type { Template } from '../../plan/plan.ts';
import * as forms from '../diagnostics/registry/forms.ts';
import { astOf } from '../expressions/ast.ts';
import { isDate } from '../expressions/dates.ts';
import { formats } from '../schema/formats.ts';
import type { Reading } from '../scope/reading.ts';
import { type Node, textOf } from '../source/tree.ts';
import { readText } from './template.ts';

export function readMoment(node: Node | undefined, where: string, reading: Reading): Template | undefined {
  const moment = node && readText(node, { where }, reading);
  if (!node || moment === undefined || canBeMoment(moment)) return moment;
  const value = constantText(moment) ?? textOf(node) ?? '';
  reading.report(forms.badMoment, node, { value }, { suggestion: repairedUntil(moment, value) });
  return moment;
}

/** What the run will take: a time with its offset, or a local date or time. */
function isMoment(text: string): boolean {
  const withOffset = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;
  if (withOffset.test(text)) return !Number.isNaN(Date.parse(text));
  return zonedMoment(text, 'UTC') !== undefined;
}

/** `31.12.2026` and `2026-12-31 17:00` say plainly what is meant. */
function repairedMoment(text: string): string | undefined {
  const [, date = text, time] = /^(\S+) +(\d\d?:\d\d(?::\d\d)?)$/.exec(text.trim()) ?? [];
  const day = isDate(date) ? date : formats.date?.repair?.(date);
  const suggestion = day && (time === undefined ? day : `${day}T${time.replace(/^(?=\d:)/, '0')}`);
  return suggestion !== undefined && isMoment(suggestion) ? suggestion : undefined;
}

/** What is the same for every run, whether or not it is written as an expression. */
function constantText(until: Template): string | undefined {
  if (typeof until === 'string') return until;
  const cel = until && typeof until === 'object' && !Array.isArray(until) ? until.$expr : undefined;
  const ast = typeof cel === 'string' ? astOf(cel) : undefined;
  return ast?.op === 'value' && typeof ast.args === 'string' ? ast.args : undefined;
}

/** What an expression within a moment may give: a part of it, or nothing. */
const momentParts = [
  '2026-01-31',
  '2026-01-31T09:00',
  '09:00',
  '2026',
  '01',
  'Europe/Lisbon',
  '[Europe/Lisbon]',
  'T09:00',
  'Z',
  '',
];
/** More expressions than this in one moment are left to the run. */
const mostExpressions = 3;

/** False only where no run could read it, whatever its expressions give. */
function canBeMoment(until: Template): boolean {
  const constant = constantText(until);
  if (constant !== undefined) return isMoment(constant);
  const parts = until && typeof until === 'object' && !Array.isArray(until) ? until.$text : undefined;
  if (!Array.isArray(parts)) return true;
  const expressions = parts.filter((part) => typeof part !== 'string').length;
  if (expressions > mostExpressions) return true;
  const filled = parts.reduce<string[]>(
    (texts, part) =>
      texts.flatMap((text) =>
        typeof part === 'string' ? [text + part] : momentParts.map((given) => text + given),
      ),
    [''],
  );
  return filled.some(isMoment);
}

/** `${{ inputs.day }} 17:00` has a space where a T belongs. */
function repairedUntil(until: Template, value: string): string | undefined {
  if (constantText(until) !== undefined) return repairedMoment(value);
  const better = value.replace(/\}\} +(?=\d\d:\d\d)/, '}}T').replace(/(\d{4}-\d\d-\d\d) +(?=\$\{\{)/, '$1T');
  return better === value ? undefined : better;
}
