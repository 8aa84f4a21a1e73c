/** Names of statuses, types and projects are written by people: case and spaces around them say nothing. */
export function same(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}
