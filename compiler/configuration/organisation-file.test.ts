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

  it('gives plain values where expressions cannot stand: defaults, choices, triggers, time zones', () => {
    const part = `on:
  - schedule: { cron: 0 7 1 * *, timezone: "\${{ organisation.sites.Berlin.timezone }}" }
  - ticket: { system: jira, project: "\${{ organisation.projects.hr }}", type: New hire, to: Approved }
inputs:
  team: { enum: '\${{ keys(organisation.departments) }}', default: "\${{ keys(organisation.departments)[0] }}" }
  budget: { type: number, maximum: "\${{ organisation.thresholds.hardware * 2 }}", default: 1 }
unique: \${{ inputs.team + string(inputs.budget) }}
steps: [{ end: { status: succeeded, reason: Done } }]
`;
    const { diagnostics, plans } = compiled(
      `${file}projects: { hr: PEOPLE }\nthresholds: { hardware: 500 }\n`,
      part,
    );
    expect(diagnostics).toEqual([]);
    const [schedule, ticket] = plans[0]?.triggers ?? [];
    expect(schedule).toMatchObject({ timezone: 'Europe/Berlin' });
    expect(ticket).toMatchObject({ project: 'PEOPLE' });
    expect(plans[0]?.inputs).toMatchObject({
      team: { schema: { enum: ['Sales'] }, default: 'Sales' },
      budget: { schema: { maximum: 1000 } },
    });
  });

  it('must give what is asked for there, in its type, and asks the file by name', () => {
    const told = (value: string, type = 'string') =>
      compiled(
        file,
        `inputs: { site: { type: ${type}, default: '\${{ ${value} }}' } }\nunique: \${{ string(inputs.site) }}\nsteps: [{ end: { status: succeeded, reason: Done } }]\n`,
      ).diagnostics.map(({ code, message }) => [code, message]);
    expect(told('organisation.sites.Graz.country')).toEqual([
      ['CS1618', expect.stringContaining('organisation.yaml')],
    ]);
    expect(told('organisation.currency')).toEqual([
      ['CS1618', expect.stringContaining('organisation.currency')],
    ]);
    expect(told('default(organisation.currency, "EUR")')).toEqual([]);
    expect(told('organisation.names', 'integer')).toEqual([['CS1103', expect.any(String)]]);
    expect(told('organisation.naems')[0]?.[1]).toMatch(/names/);
    expect(told('ticket.key')[0]?.[0]).toBe('CS1603');
  });

  it('is there where the file says it, also below its names, and may be absent where it does not', () => {
    const codes = (expression: string) =>
      compiled(`${file}suppliers: { hardware: shop }\n`, reads(expression)).diagnostics.map(
        ({ code }) => code,
      );
    expect(codes('organisation.suppliers.hardware')).toEqual([]);
    expect(codes('organisation.suppliers.licences')).toEqual(['CS1308']);
  });

  it('has the time zone of the configuration unless it says its own', () => {
    const zone = (organisation: string) => {
      const { configuration } = compilePart(reads('string(organisation.timezone)'), {
        configuration: 'timezone: Europe/Rome\nroles:\n  it-managers: { people: [m.roth@example.com] }\n',
        dataFile: () => organisation,
      });
      return configuration?.organisation.timezone;
    };
    expect([zone('names: f.last'), zone('timezone: Europe/Oslo')]).toEqual(['Europe/Rome', 'Europe/Oslo']);
  });
});
