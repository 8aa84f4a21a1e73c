/**
 * Whether a pattern can take exponential time on some texts, as `^(a+)+$` does, or cannot be judged.
 *
 * JavaScript tries the ways in which a text fits one after the other. Their number grows without bound when a loop of the
 * pattern can be gone round in two ways with the same text. A pattern is read as its positions (Glushkov's automaton): the
 * characters each takes and which follow which, counted, since the same step by two loops is two ways. RE2 needs no such
 * check, and has no references back and no looking around; these are refused here too.
 */

/** Ranges of code points, each with its ends. */
type Characters = readonly (readonly [number, number])[];

interface Part {
  first: readonly number[];
  last: readonly number[];
  canBeEmpty: boolean;
}

/** Why a pattern is refused, as the end of a sentence; undefined when nothing speaks against it. */
export function slowPattern(pattern: string): string | undefined {
  try {
    const automaton = new Automaton(pattern);
    return automaton.isAmbiguous() ? 'some texts would keep it busy for hours' : undefined;
  } catch (error) {
    if (error instanceof Unjudged) return error.message;
    throw error;
  }
}

class Unjudged extends Error {}

const everything: Characters = [[0, 0x10ffff]];
const largest = 160;
const classes: Record<string, Characters> = {
  d: [[48, 57]],
  w: [
    [48, 57],
    [65, 90],
    [95, 95],
    [97, 122],
  ],
  s: [
    [9, 13],
    [32, 32],
    [0xa0, 0xa0],
    [0x1680, 0x1680],
    [0x2000, 0x200a],
    [0x2028, 0x2029],
    [0x202f, 0x202f],
    [0x205f, 0x205f],
    [0x3000, 0x3000],
    [0xfeff, 0xfeff],
  ],
};
const controls: Record<string, number> = { n: 10, r: 13, t: 9, f: 12, v: 11, 0: 0 };

class Automaton {
  private readonly characters: Characters[] = [];
  /** From a position to those that may follow, and in how many ways. */
  private readonly follows: Map<number, number>[] = [];
  private readonly text: string;
  private at = 0;

  constructor(pattern: string) {
    this.text = pattern;
    this.alternatives();
    if (this.at < pattern.length) throw new Unjudged('it cannot be judged');
  }

  /** Whether some position can be come back to in two ways with the same text. */
  isAmbiguous(): boolean {
    const component = componentsOf(this.follows.map((next) => [...next.keys()]));
    const inside = this.follows.map((next, from) =>
      [...next].filter(([to]) => component[from] === component[to]),
    );
    if (inside.some((next) => next.some(([, ways]) => ways > 1))) return true;
    const count = this.characters.length;
    const pairs: number[][] = Array.from({ length: count * count }, () => []);
    for (const [a, nextA] of inside.entries())
      for (const [b, nextB] of inside.entries()) {
        if (component[a] !== component[b]) continue;
        for (const [toA] of nextA)
          for (const [toB] of nextB)
            if (overlap(this.characters[toA] ?? [], this.characters[toB] ?? []))
              pairs[a * count + b]?.push(toA * count + toB);
      }
    const together = componentsOf(pairs);
    return pairs.some(
      (_, pair) =>
        Math.floor(pair / count) !== pair % count &&
        pairs.some(
          (__, same) => Math.floor(same / count) === same % count && together[same] === together[pair],
        ),
    );
  }

  private alternatives(): Part {
    let part = this.sequence();
    while (this.text[this.at] === '|') {
      this.at += 1;
      const other = this.sequence();
      part = {
        first: [...part.first, ...other.first],
        last: [...part.last, ...other.last],
        canBeEmpty: part.canBeEmpty || other.canBeEmpty,
      };
    }
    return part;
  }

  private sequence(): Part {
    let part: Part = { first: [], last: [], canBeEmpty: true };
    while (this.at < this.text.length && !'|)'.includes(this.text[this.at] ?? ''))
      part = this.joined(part, this.repeated());
    return part;
  }

  private joined(a: Part, b: Part): Part {
    this.link(a.last, b.first);
    return {
      first: a.canBeEmpty ? [...a.first, ...b.first] : a.first,
      last: b.canBeEmpty ? [...a.last, ...b.last] : b.last,
      canBeEmpty: a.canBeEmpty && b.canBeEmpty,
    };
  }

  private link(from: readonly number[], to: readonly number[]): void {
    for (const a of from) for (const b of to) this.follows[a]?.set(b, (this.follows[a]?.get(b) ?? 0) + 1);
  }

  private repeated(): Part {
    const begin = this.at;
    const part = this.atom();
    const end = this.at;
    const times = this.quantifier();
    if (!times) return part;
    const [least, most] = times;
    if (most === 0) return { first: [], last: [], canBeEmpty: true };
    if (most === 1) return { ...part, canBeEmpty: part.canBeEmpty || least === 0 };
    const size = part.first.length + part.last.length;
    // A few rounds are written out, since they are no loop; many are taken for one.
    if (Number.isFinite(most) && most <= 12 && this.characters.length + size * most < largest)
      return this.writtenOut(part, [begin, end], least, most);
    this.link(part.last, part.first);
    // A round that may be nothing can be gone any number of times with the same text.
    if (part.canBeEmpty && !Number.isFinite(most)) this.link(part.last, part.first);
    return { ...part, canBeEmpty: part.canBeEmpty || least === 0 };
  }

  private writtenOut(first: Part, [begin, end]: [number, number], least: number, most: number): Part {
    const after = this.at;
    let part: Part = { ...first, canBeEmpty: first.canBeEmpty || least === 0 };
    for (let round = 2; round <= most; round++) {
      this.at = begin;
      const next = this.atom();
      if (this.at !== end) throw new Unjudged('it cannot be judged');
      part = this.joined(part, { ...next, canBeEmpty: next.canBeEmpty || round > least });
    }
    this.at = after;
    return part;
  }

  private quantifier(): [number, number] | undefined {
    const match = /^(?:([*+?])|\{(\d+)(,(\d*))?\})\??/.exec(this.text.slice(this.at));
    if (!match) return undefined;
    this.at += match[0].length;
    const [, sign, least = '0', range, most] = match;
    if (sign) return [sign === '+' ? 1 : 0, sign === '?' ? 1 : Number.POSITIVE_INFINITY];
    if (range === undefined) return [Number(least), Number(least)];
    return [Number(least), most ? Number(most) : Number.POSITIVE_INFINITY];
  }

  private atom(): Part {
    const char = this.text[this.at] ?? '';
    if (char === '^' || char === '$') return this.nothing(1);
    if (char === '(') return this.group();
    if (char === '[') return this.position(this.set());
    if (char === '.') {
      this.at += 1;
      return this.position(everything);
    }
    if (char === '\\' && /^\\[bB]/.test(this.text.slice(this.at))) return this.nothing(2);
    return this.position(this.single());
  }

  private nothing(length: number): Part {
    this.at += length;
    return { first: [], last: [], canBeEmpty: true };
  }

  private group(): Part {
    const opening = /^\((\?(?::|<[A-Za-z_$][\w$]*>))?/.exec(this.text.slice(this.at))?.[0] ?? '(';
    if (opening === '(' && this.text[this.at + 1] === '?')
      throw new Unjudged('it looks around (`(?=`, `(?!`), which cannot be judged');
    this.at += opening.length;
    const part = this.alternatives();
    this.at += 1;
    return part;
  }

  private position(characters: Characters): Part {
    const position = this.characters.push(characters) - 1;
    this.follows.push(new Map());
    if (position >= largest) throw new Unjudged('it is too large to be judged');
    return { first: [position], last: [position], canBeEmpty: false };
  }

  /** One character, or a class of them, outside of brackets or in them. */
  private single(): Characters {
    const rest = this.text.slice(this.at);
    const found =
      /^\\(?:([dDwWsS])|([pP]\{[^}]*\})|u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|c([A-Za-z])|([\s\S]))/.exec(
        rest,
      );
    if (!found) {
      const point = rest.codePointAt(0) ?? 0;
      this.at += String.fromCodePoint(point).length;
      return [[point, point]];
    }
    const [all, shorthand, property, braced, short, hex, control, other = ''] = found;
    this.at += all.length;
    if (shorthand) {
      const wanted = classes[shorthand.toLowerCase()] ?? everything;
      return shorthand === shorthand.toLowerCase() ? wanted : inverted(wanted);
    }
    // Which characters have a property is not known here: it may be any.
    if (property) return everything;
    const code = braced ?? short ?? hex;
    if (/^[1-9k]$/.test(other))
      throw new Unjudged('it refers back to a part of itself, which cannot be judged');
    const point =
      code !== undefined
        ? Number.parseInt(code, 16)
        : control
          ? control.toUpperCase().charCodeAt(0) - 64
          : (controls[other] ?? other.codePointAt(0) ?? 0);
    return [[point, point]];
  }

  private set(): Characters {
    this.at += 1;
    const isInverted = this.text[this.at] === '^';
    if (isInverted) this.at += 1;
    const ranges: [number, number][] = [];
    while (this.at < this.text.length && this.text[this.at] !== ']') {
      const from = this.single();
      const single = from.length === 1 && from[0]?.[0] === from[0]?.[1] ? from[0]?.[0] : undefined;
      if (single !== undefined && this.text[this.at] === '-' && this.text[this.at + 1] !== ']') {
        this.at += 1;
        ranges.push([single, this.single()[0]?.[1] ?? single]);
      } else ranges.push(...from.map(([low, high]): [number, number] => [low, high]));
    }
    this.at += 1;
    return isInverted ? inverted(ranges) : ranges;
  }
}

function overlap(a: Characters, b: Characters): boolean {
  return a.some(([low, high]) => b.some(([from, to]) => low <= to && from <= high));
}

function inverted(ranges: Characters): Characters {
  const result: [number, number][] = [];
  let next = 0;
  for (const [low, high] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (low > next) result.push([next, low - 1]);
    next = Math.max(next, high + 1);
  }
  if (next <= 0x10ffff) result.push([next, 0x10ffff]);
  return result;
}

/** For each node a number that it shares with those it can reach and be reached from (Tarjan's algorithm, without recursion). */
function componentsOf(edges: readonly (readonly number[])[]): number[] {
  const index = new Array<number>(edges.length).fill(-1);
  const low = new Array<number>(edges.length).fill(0);
  const component = new Array<number>(edges.length).fill(-1);
  const open: number[] = [];
  let [visited, components] = [0, 0];
  for (let start = 0; start < edges.length; start++) {
    if (index[start] !== -1) continue;
    const path: { node: number; next: number }[] = [{ node: start, next: 0 }];
    while (path.length > 0) {
      const step = path[path.length - 1] as { node: number; next: number };
      const { node } = step;
      if (step.next === 0) {
        index[node] = low[node] = visited++;
        open.push(node);
      }
      const to = edges[node]?.[step.next];
      step.next += 1;
      if (to !== undefined) {
        if (index[to] === -1) path.push({ node: to, next: 0 });
        else if (component[to] === -1) low[node] = Math.min(low[node] ?? 0, index[to] ?? 0);
        continue;
      }
      path.pop();
      const parent = path.at(-1)?.node;
      if (parent !== undefined) low[parent] = Math.min(low[parent] ?? 0, low[node] ?? 0);
      if (low[node] !== index[node]) continue;
      for (let each = open.pop(); each !== undefined; each = open.pop()) {
        component[each] = components;
        if (each === node) break;
      }
      components += 1;
    }
  }
  return component;
}
