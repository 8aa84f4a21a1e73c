/** What the methods do that name each item of a list in turn, for the reference and the editor. */
import type { Json } from '../../plan/plan.ts';
import type { Loop } from './signatures.ts';

export interface LoopDescription {
  name: Loop;
  /** `x` is the name that the item gets. */
  signatures: string[];
  description: string;
  example: { expression: string; gives: Json };
}

export const loopDescriptions: readonly LoopDescription[] = [
  {
    name: 'all',
    signatures: ['list<A>.all(x, bool): bool'],
    description: 'Whether the condition holds for every item; true of an empty list.',
    example: { expression: '[2, 4].all(n, n % 2 == 0)', gives: true },
  },
  {
    name: 'exists',
    signatures: ['list<A>.exists(x, bool): bool'],
    description: 'Whether the condition holds for one item at least.',
    example: { expression: '["a", "b"].exists(x, x == "b")', gives: true },
  },
  {
    name: 'exists_one',
    signatures: ['list<A>.exists_one(x, bool): bool'],
    description: 'Whether the condition holds for one item, and for no other.',
    example: { expression: '["a", "b", "b"].exists_one(x, x == "b")', gives: false },
  },
  {
    name: 'filter',
    signatures: ['list<A>.filter(x, bool): list<A>'],
    description: 'The items for which the condition holds, in their order.',
    example: { expression: '[1, 2, 3].filter(n, n > 1)', gives: [2, 3] },
  },
  {
    name: 'map',
    signatures: ['list<A>.map(x, B): list<B>', 'list<A>.map(x, bool, B): list<B>'],
    description:
      'What the expression gives for each item; with a condition before it, only for those for which it holds.',
    example: { expression: '["ann", "bo"].map(x, size(x))', gives: [3, 2] },
  },
  {
    name: 'sortBy',
    signatures: ['list<A>.sortBy(x, B): list<A>'],
    description:
      'The items from the smallest to the largest, by a text or a number of each. Equal ones stay in the order in which they came.',
    example: {
      expression: '[{"n": "b"}, {"n": "a"}].sortBy(x, x.n).map(x, x.n)',
      gives: ['a', 'b'],
    },
  },
  {
    name: 'groupBy',
    signatures: ['list<A>.groupBy(x, B): list<{key: B, items: list<A>}>'],
    description:
      'The items in groups, by a text, a number or true and false of each: `key` is what they have in common, `items` who they are. The groups come as their keys came first.',
    example: {
      expression: '["ann", "bob", "al"].groupBy(x, x.substring(0, 1)).map(g, g.key + string(size(g.items)))',
      gives: ['a2', 'b1'],
    },
  },
];
