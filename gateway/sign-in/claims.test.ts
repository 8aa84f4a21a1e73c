import { describe, expect, it } from '@jest/globals';
import type { OidcSettings } from '../../compiler/configuration/sign-in.ts';
import { groupsIn, personIn, rolesOfSession, whyNoRole } from './claims.ts';

const settings: OidcSettings = {
  issuer: 'https://login.example.com',
  clientId: 'countersign',
  clientSecret: { $secret: 'oidc' },
};

describe('whom a provider’s claims stand for', () => {
  it('is the verified address, in lower case', () => {
    const claims = { sub: '1', email: 'Kim@Example.com', email_verified: true, name: 'Kim' };
    expect(personIn(claims, settings)).toEqual({ person: 'kim@example.com', name: 'Kim' });
    expect(personIn({ email: 'kim@example.com', email_verified: 'true' }, settings)).toEqual({
      person: 'kim@example.com',
    });
  });

  it('is nobody while the address is not said to be verified', () => {
    for (const email_verified of [undefined, false, 'false', 0])
      expect(() => personIn({ email: 'kim@example.com', email_verified }, settings)).toThrow(
        'does not say that kim@example.com was verified',
      );
  });

  it('is an address of which nothing is said, where the configuration trusts the provider, but none said to be unverified', () => {
    const trusting = { ...settings, trustEmail: true };
    expect(personIn({ email: 'kim@example.com' }, trusting).person).toBe('kim@example.com');
    expect(() => personIn({ email: 'kim@example.com', email_verified: false }, trusting)).toThrow();
  });

  it('is taken from the claim that the configuration names, and from no other', () => {
    const named = { ...settings, emailClaim: 'preferred_username' };
    const claims = { preferred_username: 'kim@example.com', email: 'boss@example.com' };
    expect(personIn(claims, named).person).toBe('kim@example.com');
    expect(() => personIn({ email: 'boss@example.com', email_verified: true }, named)).toThrow(
      'claim "preferred_username"',
    );
  });

  it('is no list, and nothing that is no address', () => {
    for (const email of [['a@example.com', 'b@example.com'], { a: 1 }, 'kim', '', 'a@b@c'])
      expect(() => personIn({ email, email_verified: true }, settings)).toThrow('no e-mail address');
  });
});

describe('the roles that a provider’s claims give', () => {
  type Mapped = Parameters<typeof groupsIn>[1];
  const rolesIn = (claims: Parameters<typeof groupsIn>[0], at: Mapped, now: Mapped | undefined = at) =>
    rolesOfSession({ groups: groupsIn(claims, at), issuer: at.issuer }, now);
  const mapped = {
    ...settings,
    rolesClaim: 'groups',
    roles: { leads: 'it-director', desk: 'it-coordinators' },
  };

  it('are those that the configuration makes of them', () => {
    expect(rolesIn({ groups: ['desk', 'leads', 'it-managers', 'desk'] }, mapped)).toEqual([
      'it-coordinators',
      'it-director',
    ]);
    expect(rolesIn({ groups: 'leads' }, mapped)).toEqual(['it-director']);
  });

  it('are none where nothing is mapped, whatever the provider says', () => {
    expect(rolesIn({ groups: ['it-director'], roles: ['it-director'] }, settings)).toEqual([]);
    expect(rolesIn({ groups: ['constructor', '__proto__'] }, mapped)).toEqual([]);
    expect(rolesIn({}, mapped)).toEqual([]);
  });

  it('are gone at once when the mapping changes, or the provider', () => {
    const claims = { groups: ['leads', 'desk'] };
    expect(rolesIn(claims, mapped, { ...mapped, roles: { desk: 'it-managers' } })).toEqual(['it-managers']);
    expect(rolesIn(claims, mapped, { ...mapped, issuer: 'https://other.example.com' })).toEqual([]);
    expect(rolesIn(claims, mapped, settings)).toEqual([]);
    expect(rolesOfSession({ groups: ['leads'], issuer: mapped.issuer }, undefined)).toEqual([]);
    // Codes by mail say nothing of groups.
    expect(rolesOfSession({ groups: ['leads'] }, mapped)).toEqual([]);
  });

  it('are found by the path of their claim, whose names may have dots of their own', () => {
    const at = (rolesClaim: string) => ({ ...mapped, rolesClaim });
    const claims = {
      realm_access: { roles: ['leads'] },
      resource_access: { 'desk.example.com': { roles: ['desk'] } },
      'https://example.com/roles': ['desk'],
      'a.b': { c: ['leads'] },
      a: { b: { d: ['desk'] } },
    };
    expect(rolesIn(claims, at('realm_access.roles'))).toEqual(['it-director']);
    expect(rolesIn(claims, at('resource_access.desk.example.com.roles'))).toEqual(['it-coordinators']);
    expect(rolesIn(claims, at('https://example.com/roles'))).toEqual(['it-coordinators']);
    expect(rolesIn(claims, at('a.b.c'))).toEqual(['it-director']);
    expect(rolesIn(claims, at('a.b.d'))).toEqual(['it-coordinators']);
    for (const nowhere of [
      'realm_access.constructor',
      'realm_access.roles.length',
      '.',
      'a..b',
      '__proto__.x',
    ])
      expect(rolesIn(claims, at(nowhere))).toEqual([]);
  });
});

describe('why claims gave no role', () => {
  const mapped = { ...settings, rolesClaim: 'groups', roles: { 'it-coordinators': 'it-coordinators' } };

  it('is that the claim did not come, and what came instead', () => {
    expect(whyNoRole({ sub: '1', email: 'a@example.com' }, mapped)).toBe(
      'the provider sent no claim "groups". It sent: email, sub. Let it put that claim into the ID token or the userinfo answer, or name another one as rolesClaim',
    );
  });

  it('is that it held others, of which one may be meant', () => {
    expect(whyNoRole({ groups: ['/it-coordinators', '/staff'] }, mapped)).toBe(
      'the claim "groups" held "/it-coordinators", "/staff", and none of these is under signIn: oidc: roles: (there: it-coordinators). Write it as the provider does: "/it-coordinators"',
    );
    expect(whyNoRole({ groups: [] }, mapped)).toContain('the claim "groups" held nothing, and none');
    const many = Array.from({ length: 300 }, (_, index) => `/group-${index}`);
    expect(whyNoRole({ groups: many }, mapped)).toMatch(
      /"\/group-19" and 280 more, and none .* as the provider writes them$/,
    );
  });

  it('is nothing where a role was given, or none is mapped', () => {
    expect(whyNoRole({ groups: ['it-coordinators'] }, mapped)).toBeUndefined();
    expect(whyNoRole({}, settings)).toBeUndefined();
    expect(whyNoRole({}, { ...settings, rolesClaim: 'groups' })).toBeUndefined();
  });
});
