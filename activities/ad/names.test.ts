import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hostile } from '../../test/support/hostile-names.ts';
import { accountNameProblem, problemOf, refusalOf } from './checks.ts';
import {
  childOf,
  escapedValue,
  firstPart,
  guidBytes,
  guidText,
  isSameDn,
  parentOf,
  plainName,
} from './names.ts';
import { fileTimeOf, fileTimeToIso, generalizedTimeToIso } from './times.ts';

describe('A distinguished name', () => {
  it('of any value is taken apart again into that value and its parent', () => {
    fc.assert(
      fc.property(hostile, hostile, (outer, inner) => {
        const parent = childOf('DC=corp,DC=example', outer, 'OU');
        const dn = childOf(parent, inner);
        expect(plainName(dn)).toBe(inner);
        expect(parentOf(dn)).toBe(parent);
        expect(plainName(parentOf(dn))).toBe(outer);
        expect(dn.split(/[^\\],/)).toHaveLength(4);
      }),
    );
  });

  it('is read in the other forms that servers write', () => {
    expect(plainName('CN=Lee\\, Ann,OU=Staff,DC=corp')).toBe('Lee, Ann');
    expect(firstPart('CN=Lee\\, Ann,OU=Staff')).toBe('CN=Lee\\, Ann');
    expect(plainName('CN=J\\C3\\BCrgen,DC=corp')).toBe('Jürgen');
    expect(plainName('CN=back\\\\,OU=Staff')).toBe('back\\');
    expect(parentOf('CN=back\\\\,OU=Staff')).toBe('OU=Staff');
    expect(isSameDn('cn=Lee\\, Ann, OU=Staff,DC=corp', 'CN=Lee\\2C Ann,ou=staff,DC=corp')).toBe(true);
    expect(isSameDn('CN=a,OU=b', 'CN=a\\2COU=b')).toBe(false);
    expect(escapedValue(' # ')).toBe('\\20#\\20');
    expect(escapedValue('#1')).toBe('\\231');
  });
});

describe('An object id', () => {
  it('is written with its first three groups turned round, and read back', () => {
    const text = '0fa8c62d-1221-414f-9499-846f458ac1fc';
    expect(guidBytes(text).toString('hex')).toBe('2dc6a80f21124f419499846f458ac1fc');
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        expect(guidText(guidBytes(uuid))).toBe(uuid);
        expect(guidText(guidBytes(`{${uuid.toUpperCase()}}`))).toBe(uuid);
      }),
    );
  });
});

describe('A point in time', () => {
  it('is exact to the millisecond, and both numbers for never are never', () => {
    expect(fileTimeToIso('0')).toBeUndefined();
    expect(fileTimeToIso('9223372036854775807')).toBeUndefined();
    expect(fileTimeToIso(undefined)).toBeUndefined();
    expect(fileTimeToIso('116444736000000000')).toBe('1970-01-01T00:00:00.000Z');
    const years = { min: new Date('1650-01-01'), max: new Date('2400-01-01'), noInvalidDate: true };
    fc.assert(fc.property(fc.date(years), (date) => fileTimeToIso(fileTimeOf(date)) === date.toISOString()));
    expect(generalizedTimeToIso('20261127114956.0Z')).toBe('2026-11-27T11:49:56.000Z');
    expect(generalizedTimeToIso('')).toBeUndefined();
  });
});

describe('What may stand in an attribute', () => {
  it('is held to the lengths that Windows has and Samba does not', () => {
    expect(accountNameProblem('a'.repeat(20))).toBeUndefined();
    expect(accountNameProblem('a'.repeat(21))).toContain('21 characters');
    for (const bad of ['a@b', 'a\\b', 'a*', 'a,b', 'a.', ' a', '...'])
      expect(accountNameProblem(bad)).toMatch(/account name/);
    expect(problemOf('cn', '😀'.repeat(64))).toBeUndefined();
    expect(problemOf('CN', 'a'.repeat(65))).toContain('takes 64');
    expect(problemOf('c', 'Germany')).toContain('two capital letters');
    expect(problemOf('c', 'DE')).toBeUndefined();
    expect(problemOf('cn', 'Lee ,')).toContain('may not end with a comma');
    for (const name of ['Lee, Ann', 'Lee,', 'Lee , Ann']) expect(problemOf('cn', name)).toBeUndefined();
    expect(problemOf('info', '')).toContain('`clear`');
    expect(problemOf('info', 'a\u0000')).toContain('cannot be printed');
  });

  it('is nothing that gives access or that another action does', () => {
    for (const name of [
      'userAccountControl',
      'unicodePwd',
      'memberOf',
      'sIDHistory',
      'MSDS-KeyCredentialLink',
      'a=b',
      '1',
    ])
      expect(refusalOf(name)).toBeDefined();
    for (const name of ['department', 'physicalDeliveryOfficeName', 'constructor'])
      expect(refusalOf(name)).toBeUndefined();
  });
});
