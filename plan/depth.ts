/** Bounds how deeply values from outside are nested. */

/** Deeper than any ticket, event or answer that people or systems mean; what walks a value by recursion can stand many times that. */
export const deepest = 100;

/** Whether lists and objects stand more than `limit` deep in one another. Walks without recursion, which such a value would break. */
export function isTooDeep(value: unknown, limit = deepest): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    const next: unknown[] = [];
    for (const each of level)
      if (typeof each === 'object' && each !== null) for (const item of Object.values(each)) next.push(item);
    const holds = level.some((each) => typeof each === 'object' && each !== null);
    if (holds && depth >= limit) return true;
    level = next;
  }
  return false;
}
