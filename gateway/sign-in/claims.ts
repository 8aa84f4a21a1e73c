/** From what a provider says of somebody to whom we take them for. */

import type { OidcSettings } from '../../compiler/configuration/sign-in.ts';
import { addressOf } from '../../plan/address.ts';
import { defined } from '../../plan/defined.ts';
import { excerpt } from '../../plan/excerpt.ts';
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
  const person = addressOf(String(claimAt(claims, emailClaim) ?? ''));
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
export function groupsIn(claims: Claims, settings: OidcSettings): string[] {
  const { roles = {} } = settings;
  return [...new Set(valuesIn(claims, settings) ?? [])].filter((value) => Object.hasOwn(roles, value));
}

/** What `rolesClaim` holds; undefined where the provider sent no such claim, or the configuration names none. */
function valuesIn(claims: Claims, { rolesClaim }: OidcSettings): string[] | undefined {
  if (rolesClaim === undefined) return undefined;
  const held = claimAt(claims, rolesClaim);
  return held === undefined || held === null ? undefined : [held].flat().map(String);
}

/**
 * A claim by its name, or by its path: `realm_access.roles`. Names may have dots of their own, such as
 * `https://example.com/roles`, so that the longest name that is there is taken at each turn.
 */
function claimAt(claims: unknown, path: string): unknown {
  if (typeof claims !== 'object' || claims === null) return undefined;
  if (Object.hasOwn(claims, path)) return (claims as Claims)[path];
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const name = path.slice(0, dot);
    if (!Object.hasOwn(claims, name)) continue;
    const found = claimAt((claims as Claims)[name], path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Why nobody's claims gave a role, in a sentence for whoever set it up; undefined when some did, or none are to. */
export function whyNoRole(claims: Claims, settings: OidcSettings): string | undefined {
  const { rolesClaim, roles = {} } = settings;
  const wanted = Object.keys(roles);
  if (rolesClaim === undefined || wanted.length === 0 || groupsIn(claims, settings).length > 0)
    return undefined;
  const held = valuesIn(claims, settings);
  if (held === undefined)
    return `the provider sent no claim "${rolesClaim}". It sent: ${listed(Object.keys(claims).sort())}. Let it put that claim into the ID token or the userinfo answer, or name another one as rolesClaim`;
  const lookalike = held.find((value) => wanted.some((name) => bare(value) === bare(name)));
  const way =
    lookalike === undefined
      ? 'List the ones that give a role, as the provider writes them'
      : `Write it as the provider does: ${JSON.stringify(lookalike)}`;
  return `the claim "${rolesClaim}" held ${listed(held.map((value) => JSON.stringify(value))) || 'nothing'}, and none of these is under signIn: oidc: roles: (there: ${listed(wanted)}). ${way}`;
}

/** Keycloak writes groups as paths: /it-coordinators. */
function bare(value: string): string {
  return value.replace(/^\//, '').toLowerCase();
}

function listed(all: readonly string[]): string {
  const shown = all.slice(0, 20).map((each) => excerpt(each));
  return `${shown.join(', ')}${all.length > shown.length ? ` and ${all.length - shown.length} more` : ''}`;
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
