/** From what a provider says of somebody to whom we take them for. */

import type { OidcSettings } from '../../compiler/configuration/sign-in.ts';
import { addressOf } from '../../plan/address.ts';
import { defined } from '../../plan/defined.ts';
import type { Session } from '../../store/sessions.ts';
import { Problem } from '../problem.ts';

export type Claims = Readonly<Record<string, unknown>>;

const longestName = 200;

/**
 * Throws a {@link Problem} (403) unless there is an e-mail address that is theirs for certain. People may have entered
 * the claim `email` themselves, so that it counts only when verified, or where the configuration says that it can be
 * trusted; another claim was chosen because nobody can change it.
 */
export function personIn(claims: Claims, settings: OidcSettings): { person: string; name?: string } {
  const { emailClaim = 'email', trustEmail = false } = settings;
  const person = addressOf(String(claims[emailClaim] ?? ''));
  if (!person) {
    throw new Problem(
      403,
      'No e-mail address',
      `The provider gave no e-mail address of yours (claim "${emailClaim}"), by which you are known here. Ask your IT for one.`,
    );
  }
  const { email_verified: verified, name } = claims;
  const isVerified = verified === true || verified === 'true';
  const mayBeUnsaid = trustEmail && verified === undefined;
  if (emailClaim === 'email' && !isVerified && !mayBeUnsaid) {
    throw new Problem(
      403,
      'Address not verified',
      `The provider does not say that ${person} was verified to be yours, so it cannot sign you in. Verify it there, or ask your IT.`,
    );
  }
  return {
    person,
    ...defined({ name: typeof name === 'string' && name ? name.slice(0, longestName) : undefined }),
  };
}

/** Of the values of `rolesClaim` those that the configuration lists; the others say nothing here, and are not kept. */
export function groupsIn(claims: Claims, { rolesClaim, roles = {} }: OidcSettings): string[] {
  const given = rolesClaim === undefined ? [] : [claims[rolesClaim] ?? []].flat().map(String);
  return [...new Set(given)].filter((value) => Object.hasOwn(roles, value));
}

/**
 * The roles that a session has now. Only those that the configuration lists: a provider cannot hand out other roles, and one
 * that is taken out of the mapping is gone at once.
 */
export function rolesOfSession(
  { groups, issuer }: Pick<Session, 'groups' | 'issuer'>,
  settings: OidcSettings | undefined,
): string[] {
  const { roles = {}, rolesClaim } = settings ?? {};
  if (issuer === undefined || issuer !== settings?.issuer || rolesClaim === undefined) return [];
  return [...new Set(groups.flatMap((value) => (Object.hasOwn(roles, value) ? [roles[value] ?? ''] : [])))];
}
