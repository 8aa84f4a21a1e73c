/** From an offset in a scalar's value to the offset in the file: needed when an error is inside an expression. */
import type { ScalarNode } from './tree.ts';

/** Maps value offsets (0 to length) to file offsets. Plain and simply quoted scalars on one line cost nothing. */
export function sourceOffsetOf(node: ScalarNode, text: string): (offset: number) => number {
  const value = String(node.value ?? '');
  if (node.style === 'plain' && node.raw === value) return (offset) => node.start + offset;
  if (node.style === 'quoted' && node.raw.slice(1, -1) === value) return (offset) => node.start + 1 + offset;
  let map: number[] | undefined;
  return (offset) => {
    map ??= align(value, text, node);
    return map[Math.max(0, Math.min(offset, map.length - 1))] ?? node.start;
  };
}

/**
 * Walks value and source side by side. Characters that stand for themselves align; an escape aligns with its backslash;
 * folded line breaks and indentation are passed over. Exact wherever an expression can stand.
 */
function align(value: string, text: string, node: ScalarNode): number[] {
  const map: number[] = [];
  let at = node.start;
  if (node.style === 'quoted') at += 1;
  else if (node.style === 'block') at = text.indexOf('\n', at) + 1 || node.end;
  const isDouble = node.raw.startsWith('"');
  const isSingle = node.raw.startsWith("'");
  for (let index = 0; index < value.length; index++) {
    const wanted = value[index] ?? '';
    if (isDouble) {
      while (text[at] === '\\' && /[\r\n]/.test(text[at + 1] ?? '')) at = skipBreak(text, at + 1, node.end);
      if (text[at] === '\\') {
        map.push(at);
        const length = escapeLength(text[at + 1] ?? '');
        // A code point beyond the basic plane is two units of the value.
        if (length === 10 && (value.codePointAt(index) ?? 0) > 0xffff) {
          map.push(at);
          index += 1;
        }
        at += length;
        continue;
      }
    } else if (isSingle && wanted === "'") {
      map.push(at);
      at += 2;
      continue;
    }
    at = seek(text, at, wanted, node.end);
    map.push(at);
    if (text[at] === wanted) at += 1;
  }
  map.push(Math.min(at, node.end));
  return map;
}

/** The next place of a character, over the white space that folding removed; a space may stand for a line break. */
function seek(text: string, from: number, wanted: string, end: number): number {
  let at = from;
  while (at < end && text[at] !== wanted && /\s/.test(text[at] ?? '')) {
    if ((wanted === ' ' || wanted === '\n') && /[\r\n]/.test(text[at] ?? '')) {
      // The folded break stands for this one space; its indentation is passed over by the next character.
      return at;
    }
    at += 1;
  }
  return Math.min(at, end);
}

function skipBreak(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && /\s/.test(text[at] ?? '')) at += 1;
  return at;
}

function escapeLength(kind: string): number {
  return kind === 'x' ? 4 : kind === 'u' ? 6 : kind === 'U' ? 10 : 2;
}
