/** A document as blocks, written once and rendered as Markdown and as HTML. */
export type Inline = string | { code: string } | { strong: string } | { quiet: string };

export type Block =
  | { type: 'heading'; level: 1 | 2 | 3; text: Inline[] }
  | { type: 'paragraph'; text: Inline[] }
  | { type: 'list'; items: Block[][] }
  /** The first `short` columns are as narrow as what stands in them. */
  | { type: 'table'; head: string[]; rows: Inline[][][]; short?: number }
  /** Names with what they are. */
  | { type: 'facts'; title?: string; rows: [name: string, value: Inline[]][] };

export const heading = (level: 1 | 2 | 3, ...text: Inline[]): Block => ({ type: 'heading', level, text });
export const paragraph = (...text: Inline[]): Block => ({ type: 'paragraph', text });
export const list = (items: Block[][]): Block => ({ type: 'list', items });
export const facts = (rows: [name: string, value: Inline[]][], title?: string): Block => ({
  type: 'facts',
  ...(title === undefined ? {} : { title }),
  rows,
});
export const code = (text: string): Inline => ({ code: text });
export const strong = (text: string): Inline => ({ strong: text });

/** Text in which backticks mark code. */
export function prose(text: string): Inline[] {
  return text.split('`').map((part, index) => (index % 2 === 1 ? code(part) : part));
}

/** `a, b and c` */
export function enumerated(parts: readonly Inline[][], last = 'and'): Inline[] {
  return parts.flatMap((part, index) => {
    if (index === 0) return part;
    return [index === parts.length - 1 ? ` ${last} ` : ', ', ...part];
  });
}

/** The same words at the beginning of a sentence. */
export function capitalised(parts: Inline[]): Inline[] {
  const [first, ...rest] = parts;
  const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
  if (typeof first === 'string') return [upper(first), ...rest];
  return first && 'quiet' in first ? [{ quiet: upper(first.quiet) }, ...rest] : parts;
}
