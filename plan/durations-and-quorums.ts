/** Parts of a plan as people write them. */
import type { ComputedLength, Length, Quorum, Template } from './values.ts';

const units: [string, number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
];

export function isComputed(length: Length): length is ComputedLength {
  return '$expr' in length || '$text' in length;
}

/** As it would stand in a runbook: `2 business days`, `90m`. */
export function durationText(duration: Length): string {
  if (isComputed(duration)) return templateText(duration);
  if ('businessDays' in duration)
    return `${duration.businessDays} business day${duration.businessDays === 1 ? '' : 's'}`;
  const unit = units.find(([, ms]) => duration.ms >= ms && duration.ms % ms === 0);
  return unit ? `${duration.ms / unit[1]}${unit[0]}` : `${duration.ms}ms`;
}

/** A template as its author wrote it: text with `${{ }}` around what is computed. */
export function templateText(template: Template): string {
  if (typeof template === 'string') return template;
  if (template === null || typeof template !== 'object' || Array.isArray(template))
    return JSON.stringify(template);
  if (typeof template.$expr === 'string') return `\${{ ${template.$expr} }}`;
  if (typeof template.$secret === 'string') return `\${{ secrets.${template.$secret} }}`;
  if (Array.isArray(template.$text)) return template.$text.map(templateText).join('');
  return JSON.stringify(template);
}

/** "2 signatures", "a majority", "all of them". */
export function quorumText(quorum: Quorum): string {
  if (quorum === 'majority') return 'a majority';
  if (quorum === 'all') return 'all of them';
  return quorum === 1 ? '1 signature' : `${quorum} signatures`;
}

const unitWords: Record<string, string> = { d: 'day', h: 'hour', m: 'minute', s: 'second' };

/** `2 business days`, `90 minutes`. */
export function lengthOf(duration: Length): string {
  const text = durationText(duration);
  const match = /^(\d+)([dhms])$/.exec(text);
  if (!match) return text;
  return `${match[1]} ${unitWords[match[2] ?? '']}${match[1] === '1' ? '' : 's'}`;
}

/** A name of a field or a list in plain words: `startDate` is `start date`. */
export function spaced(name: string): string {
  return name
    .replace(/[_-]+/g, ' ')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase();
}
