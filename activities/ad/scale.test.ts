import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { JsonObject } from '../../plan/plan.ts';
import { busiest, fillLarge, size, many as unit } from '../../test/support/large-domain.ts';
import { describeWith } from '../../test/support/services.ts';
import { type TestDomain, testDomain } from '../../test/support/test-domain.ts';
import { is, people } from './filters.ts';

const found = await testDomain(['dsdb:schema update allowed=yes']);
afterAll(() => found?.stop());
const domain = found as TestDomain;

const { users, groups, members } = size;
let steps = 0;
const does = (action: string, input: JsonObject) =>
  domain.far.call(action, input, { step: `step ${++steps}` });

describeWith(found)(
  `A domain with ${users} people and ${groups} groups, behind the limits of Windows`,
  () => {
    beforeAll(async () => {
      await fillLarge(domain);
      domain.proxy.limited = true;
    }, 300_000);

    it('gives all of them, though an answer has no more than 1,000 entries', async () => {
      const seen = await domain.useFar((directory) =>
        directory.search({ base: unit, filter: people, attributes: ['sAMAccountName'] }),
      );
      expect(new Set(seen.map((entry) => entry.dn)).size).toBe(users);
    }, 60_000);

    it('gives every member, though a list has no more than 1,500 values', async () => {
      const values = await domain.useFar((directory) => directory.valuesOf(`CN=Group 0,${unit}`, 'member'));
      expect(new Set(values).size).toBe(members);
      const { count } = await does('ad.listGroupMembers', { group: 'Group 0' });
      expect(count).toBe(members);
      const nested = await does('ad.listGroupMembers', { group: 'Group 2', nested: true });
      expect(nested.count).toBe(members + 2);
    }, 60_000);

    it('gives what comes after a page without entries, where ldapts itself would stop', async () => {
      domain.proxy.emptyFirstPage = true;
      const client = await domain.farClient();
      const own = await client.search(unit, { filter: '(sAMAccountName=many7)', paged: true });
      await client.unbind();
      expect(own.searchEntries).toEqual([]);
      const seen = await domain.useFar((directory) =>
        directory.search({ base: unit, filter: is('sAMAccountName', 'many7'), attributes: ['cn'] }),
      );
      domain.proxy.emptyFirstPage = false;
      expect(seen).toHaveLength(1);
    });

    // How long it takes: `bench directory`.
    it('tells by few looks what access one person has left', async () => {
      const before = domain.proxy.searches;
      const { items } = await does('ad.residualAccess', { user: 'many7' });
      expect(items).toHaveLength(10);
      // The time of a machine under load says little; what it asks for says how it grows.
      expect(domain.proxy.searches - before).toBeLessThan(25);
    });

    it('asks no more often for a person in hundreds of groups than there are groups', async () => {
      const before = domain.proxy.searches;
      const { items } = await does('ad.residualAccess', { user: busiest });
      expect((items as JsonObject[]).length).toBeGreaterThan(400);
      expect(domain.proxy.searches - before).toBeLessThan(2 * groups);
    }, 60_000);

    it('takes a person out of all groups that they are in, one by one, and nobody else', async () => {
      const { names } = await does('ad.removeUserFromGroups', { user: 'many7' });
      expect(names).toEqual(['Group 0']);
      expect((await does('ad.listGroupMembers', { group: 'Group 0' })).count).toBe(members - 1);
    }, 60_000);
  },
);

describeWith(found)('Passwords of local administrators', () => {
  beforeAll(() =>
    domain.use((directory) =>
      directory.add(`CN=PC9,${unit}`, {
        objectClass: 'computer',
        sAMAccountName: 'PC9$',
        userAccountControl: '4096',
      }),
    ),
  );

  it('are said to be none where the schema has none', async () => {
    const failure = await domain.attempts.fails('ad.readLapsPassword', { computer: 'PC9' });
    expect(failure).toMatchObject({
      nonRetryable: true,
      message: expect.stringContaining('schema of this domain'),
    });
  });

  it('are read sealed where the schema has them', async () => {
    await extendSchema();
    const nothing = await domain.attempts.fails('ad.readLapsPassword', { computer: 'PC9' });
    expect(nothing.message).toContain('has kept no password');
    await domain.use((directory) =>
      directory.modify(`CN=PC9,${unit}`, [
        { operation: 'replace', attribute: 'ms-Mcs-AdmPwd', values: 'Local-1-Secret' },
        { operation: 'replace', attribute: 'ms-Mcs-AdmPwdExpirationTime', values: '133800000000000000' },
      ]),
    );
    const read = await does('ad.readLapsPassword', { computer: 'PC9' });
    expect(read).toMatchObject({
      password: { $sealed: expect.anything() },
      expires: '2024-12-30T02:40:00.000Z',
    });
    const { $sealed } = read.password as { $sealed: string };
    expect(domain.far.services.seal.open($sealed)).toBe('Local-1-Secret');
    const windows = JSON.stringify({ n: 'Administrator', t: '1d8161b41c41cde', p: 'Other-1-Secret' });
    await domain.use((directory) =>
      directory.modify(`CN=PC9,${unit}`, [
        { operation: 'replace', attribute: 'msLAPS-Password', values: windows },
      ]),
    );
    expect(await does('ad.readLapsPassword', { computer: 'PC9' })).toMatchObject({
      account: 'Administrator',
    });
  });
});

/** As Microsoft's own schema extensions do (Windows LAPS: schema extensions reference). */
async function extendSchema(): Promise<void> {
  const schema = `CN=Schema,CN=Configuration,${domain.domain}`;
  const attributes: [name: string, id: string, syntax: string, kind: string][] = [
    [
      'ms-Mcs-AdmPwd',
      '1.2.840.113556.1.8000.2554.50051.45980.28112.18903.35903.6685103.1224907.2.1',
      '2.5.5.5',
      '19',
    ],
    [
      'ms-Mcs-AdmPwdExpirationTime',
      '1.2.840.113556.1.8000.2554.50051.45980.28112.18903.35903.6685103.1224907.2.2',
      '2.5.5.16',
      '65',
    ],
    ['msLAPS-Password', '1.2.840.113556.1.6.44.1.2', '2.5.5.12', '64'],
  ];
  const now = () =>
    domain.use((directory) =>
      directory.modify('', [{ operation: 'replace', attribute: 'schemaUpdateNow', values: '1' }]),
    );
  for (const [name, attributeID, attributeSyntax, oMSyntax] of attributes)
    await domain.use((directory) =>
      directory.add(`CN=${name},${schema}`, {
        objectClass: 'attributeSchema',
        lDAPDisplayName: name,
        attributeID,
        attributeSyntax,
        oMSyntax,
        isSingleValued: 'TRUE',
        searchFlags: '0',
      }),
    );
  await now();
  await domain.use((directory) =>
    directory.modify(`CN=Computer,${schema}`, [
      { operation: 'add', attribute: 'mayContain', values: attributes.map(([name]) => name) },
    ]),
  );
  await now();
}
