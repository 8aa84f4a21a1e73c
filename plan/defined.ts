/** Objects whose optional entries are left out where there is nothing, which JSON, comparisons and hashes tell from `undefined`. */

type Optional<T> = { [Key in keyof T]: undefined extends T[Key] ? Key : never }[keyof T];

/** Entries that may be undefined become optional ones. */
export type Defined<T> = Omit<T, Optional<T>> & { [Key in Optional<T>]?: Exclude<T[Key], undefined> };

/** The same entries without those that are undefined. Null, 0, false and '' stay. */
export function defined<T extends object>(entries: T): Defined<T> {
  // Most have nothing to leave out, and every entry of a run's journal is made by this.
  if (!Object.values(entries).includes(undefined)) return { ...entries } as Defined<T>;
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as Defined<T>;
}

/** A list, text or object that has something in it; undefined for an empty one, which `defined` then leaves out. */
export function unlessEmpty<T extends object | string>(value: T): T | undefined {
  return (typeof value === 'string' ? value : Object.keys(value)).length > 0 ? value : undefined;
}
