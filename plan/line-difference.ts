/** What differs between two texts, line by line, for people who sign: `- ` is what is there, `+ ` what would be. */

/** Lines shown around what differs. */
const context = 2;
/** More of a text is compared by what its beginning and its end have in common alone. */
const mostCompared = 1_000;
/** Of what is shown; the rest is counted. */
const mostShown = 80;
const longestLine = 300;

/** Undefined where they are the same but for white space at the ends of lines. */
export function lineDifference(before: string, after: string): string | undefined {
  const [from, to] = [linesOf(before), linesOf(after)];
  const edits = editsOf(from, to);
  if (edits.every(([sign]) => sign === ' ')) return undefined;
  const isNear = edits.map((_, at) =>
    edits.slice(Math.max(0, at - context), at + context + 1).some(([sign]) => sign !== ' '),
  );
  const shown: string[] = [];
  for (const [at, [sign, line]] of edits.entries()) {
    if (isNear[at]) shown.push(`${sign} ${shortened(line)}`.trimEnd());
    else if (shown.at(-1) !== '…') shown.push('…');
  }
  const left = shown.length - mostShown;
  const told = left > 0 ? [...shown.slice(0, mostShown), `… and ${left} more lines`] : shown;
  return told.filter((line, at) => line !== '…' || (at > 0 && at < told.length - 1)).join('\n');
}

type Edit = [sign: ' ' | '-' | '+', line: string];

function linesOf(text: string): string[] {
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.trimEnd().replace(unseen, escaped));
  while (lines.at(-1) === '') lines.pop();
  return lines;
}

/** What a terminal or a page would not show as it is: control characters, and those that turn the direction. */
const unseen = /(?!\t)[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function shortened(line: string): string {
  return line.length > longestLine ? `${line.slice(0, longestLine)}…` : line;
}

function editsOf(from: readonly string[], to: readonly string[]): Edit[] {
  let start = 0;
  while (start < from.length && start < to.length && from[start] === to[start]) start++;
  let end = 0;
  while (
    end < from.length - start &&
    end < to.length - start &&
    from[from.length - 1 - end] === to[to.length - 1 - end]
  )
    end++;
  const same = (lines: readonly string[]) => lines.map((line): Edit => [' ', line]);
  return [
    ...same(from.slice(0, start)),
    ...middleOf(from.slice(start, from.length - end), to.slice(start, to.length - end)),
    ...same(from.slice(from.length - end)),
  ];
}

/** By the longest common subsequence. */
function middleOf(from: readonly string[], to: readonly string[]): Edit[] {
  const gone = from.map((line): Edit => ['-', line]);
  const come = to.map((line): Edit => ['+', line]);
  if (from.length > mostCompared || to.length > mostCompared) return [...gone, ...come];
  const width = to.length + 1;
  const common = new Uint16Array((from.length + 1) * width);
  const at = (row: number, column: number) => common[row * width + column] ?? 0;
  for (let row = from.length - 1; row >= 0; row--)
    for (let column = to.length - 1; column >= 0; column--)
      common[row * width + column] =
        from[row] === to[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
  const edits: Edit[] = [];
  let [row, column] = [0, 0];
  while (row < from.length || column < to.length) {
    const [old = '', next = ''] = [from[row], to[column]];
    if (row < from.length && column < to.length && old === next) {
      edits.push([' ', old]);
      row++;
      column++;
    } else if (row < from.length && (column === to.length || at(row + 1, column) >= at(row, column + 1))) {
      edits.push(['-', old]);
      row++;
    } else {
      edits.push(['+', next]);
      column++;
    }
  }
  return edits;
}
