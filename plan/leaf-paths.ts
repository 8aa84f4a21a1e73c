/**
 * Paths of values in a run, as a cover names them: `inputs.manager`, `steps.devices.output.devices[*].name`.
 * `[*]` stands for every item of a list (or every value of a map); a key that is no plain word stands in brackets.
 */

const everyItem = '[*]';

const read = new Map<string, readonly string[]>();
const mostRead = 5_000;

/** `inputs.groups[*].name` as `inputs`, `groups`, `[*]`, `name`. An index, such as `[2]`, is its number. */
export function segmentsOf(path: string): readonly string[] {
  const known = read.get(path);
  if (known) return known;
  const segments = readSegments(path);
  if (read.size >= mostRead) read.clear();
  read.set(path, segments);
  return segments;
}

function readSegments(path: string): string[] {
  if (!path.includes('[')) return path.split('.');
  const found = path.matchAll(/\[("(?:[^"\\]|\\.)*"|[^\]]*)\]|[^.[\]]+/g);
  return [...found].map(([whole, inBrackets]) => {
    if (inBrackets === undefined) return whole;
    if (inBrackets === '*') return everyItem;
    return inBrackets.startsWith('"') ? String(JSON.parse(inBrackets)) : inBrackets;
  });
}

/** The path of a field of what stands at a path. */
export function fieldPath(path: string, key: string): string {
  return /^[A-Za-z_]\w*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

/** The path of every item of the list at a path. */
export function itemPath(path: string): string {
  return `${path}${everyItem}`;
}

/** The path around a path; undefined for a root such as `inputs`. */
export function parentPath(path: string): string | undefined {
  const end = /(?:\.[^.[\]]+|\[(?:"(?:[^"\\]|\\.)*"|[^\]]*)\])$/.exec(path);
  return end ? path.slice(0, end.index) : undefined;
}

/** Whether a path is another one or lies inside it. */
export function isWithin(path: string, whole: string): boolean {
  const inner = segmentsOf(path);
  const outer = segmentsOf(whole);
  return (
    outer.length <= inner.length && outer.every((segment, index) => matches(segment, inner[index] ?? ''))
  );
}

/** Whether a change of what stands at one path is a change of a leaf: it equals the leaf, lies inside it or contains it. */
export function covers(leaf: string, changed: string): boolean {
  return isWithin(changed, leaf) || isWithin(leaf, changed);
}

function matches(a: string, b: string): boolean {
  return a === b || a === everyItem || b === everyItem;
}
