import { describe, expect, it } from '@jest/globals';
import { evaluate } from '../../workflows/expressions.ts';
import { runVariables } from '../../workflows/variables.ts';
import { compilePart } from '../testing.ts';

const file = `names: f.last
departments:
  Sales: { licence: SPE_E5, groups: [CRM] }
sites:
  Berlin: { country: DE, timezone: Europe/Berlin }
`;
const reads = (expression: string) =>
  `inputs: { team: { type: string } }\nsteps:\n  - task: { to: role:it-managers, within: 1d, instructions: '\${{ ${expression} }}' }\n  - end: { status: succeeded, reason: '\${{ inputs.team }}' }\n`;

function compiled(organisation: string | undefined, part: string) {
  return compilePart(part, {
    dataFile: (path) => {
      if (organisation !== undefined && path === 'organisation.yaml') return organisation;
      throw Object.assign(new Error('there is no such file'), { code: 'ENOENT' });
    },
  });
}

describe('organisation.yaml', () => {
  it('is typed in expressions, and its maps are asked by any name', () => {
    const licence = 'default(organisation.departments[?inputs.team].licence, "SPE_E3")';
    const { diagnostics, plans } = compiled(file, reads(licence));
    expect(diagnostics).toEqual([]);
    const [plan] = plans;
    if (!plan) throw new Error('no plan');
    const run = { id: 'r', plan, requester: { id: 'a@example.com', roles: [] }, startedAt: 0 };
    const asked = (team: string) => evaluate(licence, runVariables({ ...run, boundInputs: { team } }));
    expect([asked('Sales'), asked('Law')]).toEqual(['SPE_E5', 'SPE_E3']);
    expect(
      compiled(file, reads('organisation.everbody')).diagnostics.map(({ suggestion }) => suggestion),
    ).toEqual(['everybody']);
  });

  it('is part of the hash of each runbook that reads it, and of no other', () => {
    const hash = (organisation: string, part: string) => compiled(organisation, part).plans[0]?.hash;
    const other = file.replace('f.last', 'first.last');
    expect(hash(file, reads('organisation.names'))).not.toBe(hash(other, reads('organisation.names')));
    expect(hash(file, reads('"x"'))).toBe(hash(other, reads('"x"')));
    expect(compiled(file, reads('organisation.names')).plans[0]?.organisation).toEqual({ names: 'f.last' });
  });

  it('may be missing: what it would say is absent then, and known all the same', () => {
    expect(compiled(undefined, reads('default(organisation.names, "first.last")')).diagnostics).toEqual([]);
  });

  it('is checked: keys, forms, names of sites, time zones, and nothing said in two places', () => {
    const wrong = `everbody: all@example.com
domain: example.org
names: first-name
departments: { Sales: { site: Berln } }
sites: { Berlin: { country: Germany, timezone: Europe/Berln } }
`;
    const { diagnostics, configuration } = compiled(wrong, reads('"x"'));
    const told = diagnostics.filter((each) => each.file === 'organisation.yaml');
    expect(told.map(({ line, code, suggestion }) => `${line} ${code} ${suggestion}`)).toEqual([
      '1 CS1101 everybody',
      '2 CS2108 undefined',
      expect.stringMatching(/^3 CS11\d\d/),
      expect.stringMatching(/^4 CS14\d\d Berlin$/),
      expect.stringMatching(/^5 CS11\d\d/),
      expect.stringMatching(/^5 CS15\d\d Europe\/Berlin$/),
    ]);
    expect(configuration).toBeUndefined();
  });
});
