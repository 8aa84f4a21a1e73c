import { describe, expect, it } from '@jest/globals';
import { bidirectional, isRightToLeft, linesOf } from './right-to-left.ts';

const pieces = async (...lines: string[]) => (await bidirectional()).piecesOf(lines);

describe('a line that is read from right to left', () => {
  it('has its last word first, and its numbers the right way round', async () => {
    expect(await pieces('מסך 27 גדול')).toEqual([['גדול', ' ', '27', ' ', 'מסך']]);
  });

  it('turns brackets, and signs that stand alone', async () => {
    expect((await pieces('(מסך) -!')).flat().join('')).toBe('!- )מסך(');
  });

  it('keeps words of the other direction in their order, in a line of either', async () => {
    expect(await pieces('for דנה כהן, desk 12')).toEqual([['for ', 'כהן', ' ', 'דנה', ', desk 12']]);
    expect((await pieces('מסך Dell XPS')).flat().join('')).toBe('Dell XPS מסך');
  });

  it('goes on in the direction in which the text began', async () => {
    expect(await pieces('מסך', 'XPS 13 גדול')).toEqual([['מסך'], ['גדול', ' ', 'XPS 13']]);
  });

  it('is known by its letters', () => {
    expect(['שלום', 'مرحبا', 'a ש'].map(isRightToLeft)).toEqual([true, true, true]);
    expect(['Łucja', '笔记本', '12', ''].map(isRightToLeft)).toEqual([false, false, false, false]);
  });
});

describe('the lines of a text', () => {
  const broken = (text: string, width: number) => linesOf(text, width, (part) => part.length);

  it('are broken between words, and within one that is too long by itself', () => {
    expect(broken('aa bb cc', 5)).toEqual(['aa bb', 'cc']);
    expect(broken('aaaaaaa b', 3)).toEqual(['aaa', 'aaa', 'a b']);
    expect(broken('a\n\nb', 5)).toEqual(['a', '', 'b']);
  });
});
