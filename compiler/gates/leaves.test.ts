import { describe, expect, it } from '@jest/globals';
import { itemPath } from '../../plan/leaf-paths.ts';
import { type Names, readExpression, readItems } from './leaves.ts';
import { shownBy } from './shown.ts';

function leavesOf(source: string, names: Names = new Map()): string[] {
  const leaves = new Set<string>();
  readExpression(source, names, leaves);
  return [...leaves].sort();
}

function shown(source: string): string[] {
  return [...shownBy({ $expr: source }, new Map())].sort();
}

describe('the leaves of an expression', () => {
  it.each([
    ['inputs.manager', ['inputs.manager']],
    ['inputs.a + inputs.b.c', ['inputs.a', 'inputs.b.c']],
    ['steps.?find.?output.name.orValue(inputs.name)', ['inputs.name', 'steps.find.output.name']],
    ['default(steps.find.output.name, "nobody")', ['steps.find.output.name']],
    ['inputs.device == "wipe" ? inputs.a : ticket.key', ['inputs.a', 'inputs.device', 'ticket.key']],
    ['has(inputs.phone) && size(inputs.groups) > 1', ['inputs.groups', 'inputs.phone']],
    ['ticket.fields["first name"]', ['ticket.fields["first name"]']],
    ['{"user": inputs.user}.user', ['inputs.user']],
    ['[inputs.a, inputs.b]', ['inputs.a', 'inputs.b']],
  ])('of %s are those it names', (source, leaves) => {
    expect(leavesOf(source)).toEqual(leaves);
  });

  it('never are secrets, the run or the organisation', () => {
    expect(leavesOf('run.requester + organisation.domain')).toEqual([]);
  });

  it('follow the items of a list through loops', () => {
    const devices = 'steps.devices.output.devices';
    expect(leavesOf(`${devices}.map(d, d.name)`)).toEqual([`${devices}[*].name`]);
    expect(leavesOf(`${devices}.filter(d, d.owner == inputs.owner).map(d, d.name)`)).toEqual([
      'inputs.owner',
      `${devices}[*].name`,
      `${devices}[*].owner`,
    ]);
    expect(leavesOf(`${devices}.map(d, d.user).map(u, u.mail)`)).toEqual([`${devices}[*].user.mail`]);
    expect(leavesOf(`${devices}[0].name`)).toEqual([`${devices}[*].name`]);
  });

  it('are the list itself where only its length matters', () => {
    expect(leavesOf('inputs.groups.map(g, "x")')).toEqual(['inputs.groups']);
    expect(leavesOf('inputs.groups.exists(g, true)')).toEqual(['inputs.groups']);
  });

  it('are cut at what stands around a computed key, with what the key reads', () => {
    expect(leavesOf('inputs.sites[inputs.site].address')).toEqual(['inputs.site', 'inputs.sites']);
  });

  it('of a name of an item are those of every item', () => {
    const leaves = new Set<string>();
    const item = readItems('steps.devices.output.devices', new Map(), leaves);
    expect([...leaves]).toEqual([itemPath('steps.devices.output.devices')]);
    expect(leavesOf('device.id', new Map([['device', item]]))).toEqual([
      'steps.devices.output.devices[*].id',
    ]);
  });
});

describe('what an approval shows', () => {
  it.each([
    ['inputs.a + " " + inputs.b', ['inputs.a', 'inputs.b']],
    ['join(inputs.groups, ", ")', ['inputs.groups']],
    [
      'steps.devices.output.devices.map(d, d.name + d.owner)',
      ['steps.devices.output.devices[*].name', 'steps.devices.output.devices[*].owner'],
    ],
    ['default(inputs.phone, "none")', ['inputs.phone']],
    ['inputs.moment == "" ? "at once" : inputs.moment + inputs.zone', ['inputs.moment']],
  ])('by %s are whole values', (source, paths) => {
    expect(shown(source)).toEqual(paths);
  });

  it.each([
    'size(inputs.groups)',
    'upper(inputs.name)',
    'inputs.groups[0]',
    'inputs.groups.filter(g, g != "VPN")',
    'inputs.secret == "x" ? "yes" : "no"',
    'inputs.flag ? inputs.a : inputs.b',
    '!inputs.flag',
  ])('by %s is nothing whole', (source) => {
    expect(shown(source)).toEqual([]);
  });
});
