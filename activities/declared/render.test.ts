import { expect, it } from '@jest/globals';
import type { Template } from '../../plan/plan.ts';
import { Computing } from './computing.ts';
import { rendered } from './render.ts';

const bodyOf = (id: string, xml: Template) =>
  rendered(
    { method: 'PUT', path: '/groups/7', xml },
    new Computing({ file: 'a.action.yaml', lines: {} }).with({ input: { id } }),
  ).body;
const group: Template = { $text: ['<group><id>', { $expr: 'input.id' }, '</id></group>'] };

it('XML has its elements as they are written, and what is computed in them is no element', () => {
  expect(bodyOf('11', group)).toEqual({ text: '<group><id>11</id></group>', type: 'application/xml' });
  expect(bodyOf('1</id><id>2', group)?.text).toBe('<group><id>1&lt;/id&gt;&lt;id&gt;2</id></group>');
  expect(bodyOf('"R&D"', group)?.text).toBe('<group><id>&quot;R&amp;D&quot;</id></group>');
});

it('XML without anything computed is sent as it stands', () => {
  expect(bodyOf('11', '<group/>')?.text).toBe('<group/>');
});

it('A character that XML cannot have is refused before anything is sent', () => {
  expect(() => bodyOf('a\u0000b', group)).toThrow('control character');
});
