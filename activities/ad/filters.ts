/** Filters as the protocol has them, never as text: no value can be more than a value. */
import {
  AndFilter,
  EqualityFilter,
  ExtensibleFilter,
  type Filter,
  GreaterThanEqualsFilter,
  NotFilter,
  OrFilter,
  PresenceFilter,
} from 'ldapts';

/** Follows groups in groups (LDAP_MATCHING_RULE_IN_CHAIN). */
const inChain = '1.2.840.113556.1.4.1941';

export const is = (attribute: string, value: string | Buffer): Filter =>
  new EqualityFilter({ attribute, value });
export const isPresent = (attribute: string): Filter => new PresenceFilter({ attribute });
export const all = (...filters: Filter[]): Filter => new AndFilter({ filters });
export const any = (...filters: Filter[]): Filter => new OrFilter({ filters });
export const not = (filter: Filter): Filter => new NotFilter({ filter });
export const atLeast = (attribute: string, value: string): Filter =>
  new GreaterThanEqualsFilter({ attribute, value });

/** Directly or through groups. `member` of a group, `memberOf` of a member. */
export const reaches = (matchType: 'member' | 'memberOf', value: string): Filter =>
  new ExtensibleFilter({ rule: inChain, matchType, value });

/** The class `user` has computers, too. */
export const people = all(is('objectCategory', 'person'), is('objectClass', 'user'));
export const groups = is('objectCategory', 'group');
export const computers = is('objectCategory', 'computer');
