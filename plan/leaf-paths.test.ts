import { describe, expect, it } from '@jest/globals';
import { covers, fieldPath, isWithin, itemPath, parentPath, segmentsOf } from './leaf-paths.ts';

describe('a path of a value', () => {
  it('is read back as it was put together', () => {
    const path = fieldPath(itemPath(fieldPath('inputs.list', 'a key')), 'name');
    expect(path).toBe('inputs.list["a key"][*].name');
    expect(segmentsOf(path)).toEqual(['inputs', 'list', 'a key', '[*]', 'name']);
    expect(segmentsOf('inputs.odd["with ] and \\" and ."].x')).toEqual([
      'inputs',
      'odd',
      'with ] and " and .',
      'x',
    ]);
    expect([path, parentPath(path), parentPath(itemPath('inputs.a')), parentPath('inputs')]).toEqual([
      path,
      'inputs.list["a key"][*]',
      'inputs.a',
      undefined,
    ]);
  });
});

describe('a change of a value', () => {
  it.each([
    ['inputs.manager', 'inputs.manager'],
    ['inputs.address', 'inputs.address.street'],
    ['inputs.address.street', 'inputs.address'],
    ['inputs.groups[*]', 'inputs.groups[2]'],
    ['inputs.groups[*].name', 'inputs.groups'],
    ['inputs.groups[*].name', 'inputs.groups[2].name'],
    ['steps.find.output', 'steps.find'],
  ])('of leaf %s is one at %s', (leaf, changed) => {
    expect(covers(leaf, changed)).toBe(true);
  });

  it.each([
    ['inputs.manager', 'inputs.managers'],
    ['inputs.address.street', 'inputs.address.town'],
    ['inputs.groups[*].name', 'inputs.groups[2].note'],
    ['steps.find.output.id', 'steps.find.status'],
  ])('of leaf %s is none at %s', (leaf, changed) => {
    expect(covers(leaf, changed)).toBe(false);
  });

  it('inside a path is no change around it', () => {
    expect(isWithin('inputs.a', 'inputs.a.b')).toBe(false);
  });
});
