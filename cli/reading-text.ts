/** What was read in a delivery, in a sentence. */
import { inWords, kindOf } from '../tickets/match.ts';
import type { Reading } from '../tickets/ticket-system.ts';
import type { Principal } from '../workflows/messages.ts';

export function readingText(reading: Reading): string {
  if ('notForUs' in reading) return `It is not for us: ${reading.notForUs}.`;
  if ('edit' in reading) {
    const { ticket, changed, by } = reading.edit;
    return `${ticket.key} was edited by ${person(by)}: ${changed.join(', ') || 'it does not say what'}.`;
  }
  if ('deletion' in reading) {
    const { ticket, by } = reading.deletion;
    return `${ticket.key} was deleted by ${person(by)}.`;
  }
  const { ticket, from, to, by } = reading.transition;
  const origin = from ? ` from ${inWords(from)}` : '';
  return `${ticket.key} (${kindOf(reading.transition)}) moved${origin} to ${inWords(to)}, by ${person(by)}.`;
}

export function person({ id, name }: Principal): string {
  return name && name !== id ? `${name} (${id})` : id;
}
