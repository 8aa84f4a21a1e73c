/** For the tests of mends: an example for each code whose suggestion its own example does not show. Empty: its own does. */

export const examples: ReadonlyMap<string, string | undefined> = new Map<string, string | undefined>([
  ['CS1009', undefined],
]);

/** They suggest something only where an editor has nothing open: in tests, tables and calendars. */
export const unshown: ReadonlySet<string> = new Set<string>();
