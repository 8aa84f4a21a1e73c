import { describe, expect, it } from '@jest/globals';
import type { JournalEntry } from '../api/types.ts';
import { itemsNamed, journalLine } from './journal-words.ts';

const entries = [
  { seq: 1, at: 0, kind: 'step.started', step: 'join[0]', data: { item: 'All Staff' } },
  { seq: 2, at: 1, kind: 'step.succeeded', step: 'join[0]' },
  { seq: 3, at: 2, kind: 'command', data: { command: 'amend', by: 'kim@example.com' } },
  { seq: 4, at: 3, kind: 'run.ended', data: { status: 'succeeded' } },
] as unknown as JournalEntry[];

describe('The journal in words', () => {
  it('names the item of a list by its own name, commands and ends in words', () => {
    const items = itemsNamed(entries);
    const said = entries.map((entry) => journalLine(entry, { join: 'Join the group' }, items).text);
    expect(said).toEqual([
      '“Join the group: All Staff” began.',
      '“Join the group: All Staff” is done.',
      'kim@example.com changes inputs.',
      'The run ended: all is done.',
    ]);
  });
});
