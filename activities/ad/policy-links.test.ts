import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { linksOf, textOf } from './policy-links.ts';

const dn = (id: string) => `CN={${id.toUpperCase()}},CN=Policies,CN=System,DC=corp,DC=example,DC=com`;
const link = fc.record({ policy: fc.uuid().map(dn), enabled: fc.boolean(), enforced: fc.boolean() });

describe('The list of linked group policies', () => {
  it('is read and written alike, the last that is written first', () => {
    fc.assert(
      fc.property(fc.array(link, { maxLength: 6 }), (links) => expect(linksOf(textOf(links))).toEqual(links)),
    );
    const id = '31B2F340-016D-11D2-945F-00C04FB984F9';
    const [one, other] = [dn(id), dn(id.replace('31', '32'))];
    expect(linksOf(`[LDAP://${one};0][LDAP://${other};3]`)).toEqual([
      { policy: other, enabled: false, enforced: true },
      { policy: one, enabled: true, enforced: false },
    ]);
  });

  it('of any other form is not read in part', () => {
    const good = `[LDAP://${dn('31B2F340-016D-11D2-945F-00C04FB984F9')};0]`;
    for (const bad of [
      'x',
      ' ',
      `${good} `,
      `${good};${good}`,
      good.replace(';0', ';4'),
      good.replace(';0', ''),
      good.slice(1),
      good.replace('CN=Policies', 'CN=Other'),
      `${good}\n`,
      good.replace('DC=corp', 'DC=co;rp'),
    ])
      expect({ bad, links: linksOf(bad) }).toEqual({ bad, links: undefined });
    fc.assert(
      fc.property(fc.string(), (text) => expect(text === '' || linksOf(text) === undefined).toBe(true)),
    );
  });
});
