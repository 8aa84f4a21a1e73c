/**
 * Lays a YAML file out: two spaces a level, lists indented under their key, one space behind `:` and `-` and inside `${{ }}`, no white
 * space at the ends of lines, one line break at the end of the file. Words, quotes, comments and empty lines stay as they are.
 *
 * It changes white space alone, and nothing at all where the file could then mean something else: what comes out is read again and
 * compared.
 */

import { isDeepStrictEqual } from 'node:util';
import { type CST, Parser, parseAllDocuments } from 'yaml';
import type { SeenExpression } from '../compiler/scope/compile-session.ts';

/** In the place of what stands between two offsets. */
export interface TextEdit {
  start: number;
  end: number;
  text: string;
}

/** No runbook comes near it; a larger file would keep the editor waiting for seconds. */
const longestLaidOut = 262_144;

/** What to change, from top to bottom. Nothing where the file is no YAML, or is laid out already. */
export function format(text: string, expressions: readonly SeenExpression[] = []): TextEdit[] {
  if (text.length > longestLaidOut) return [];
  const before = meaning(text);
  if (!before) return [];
  const layout = new Layout(text);
  if (!layout.read()) return [];
  const spaces = layout.edits();
  for (const edits of [[...spaces, ...braces(text, expressions)], spaces])
    if (isDeepStrictEqual(meaning(applied(text, edits)), before))
      return edits.sort((a, b) => a.start - b.start);
  return [];
}

export function applied(text: string, edits: readonly TextEdit[]): string {
  let result = '';
  let at = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

interface Meaning {
  values: unknown[];
  comments: string[];
}

/** Undefined where it cannot be read, or is written in a way that is not laid out here. */
function meaning(text: string): Meaning | undefined {
  try {
    const documents = parseAllDocuments(text, { uniqueKeys: false, prettyErrors: false, logLevel: 'silent' });
    if (!Array.isArray(documents) || documents.length !== 1) return undefined;
    if (documents.some(({ errors }) => errors.length > 0)) return undefined;
    const values = documents.map((document) => spaced(document.toJS({ maxAliasCount: 10_000 })));
    return { values, comments: commentsOf(text) };
  } catch {
    // Nested beyond what can be read at all, or with aliases that grow without an end.
    return undefined;
  }
}

/** The same, with one space inside the braces of every expression: how many there are means nothing. */
function spaced(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\$\{\{[ \t]*/g, '${{ ').replace(/[ \t]*\}\}/g, ' }}');
  if (Array.isArray(value)) return value.map(spaced);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value).map(([key, own]) => [key, spaced(own)]);
}

function commentsOf(text: string): string[] {
  const found: string[] = [];
  const visit = (token: unknown): void => {
    if (Array.isArray(token)) for (const each of token) visit(each);
    else if (typeof token === 'object' && token !== null) {
      const { type, source } = token as { type?: string; source?: string };
      if (type === 'comment') found.push((source ?? '').trimEnd());
      else for (const value of Object.values(token)) if (typeof value === 'object') visit(value);
    }
  };
  for (const token of new Parser().parse(text)) visit(token);
  return found;
}

/** `${{inputs.who}}` as `${{ inputs.who }}`, where it is an expression and stands on one line. */
function braces(text: string, expressions: readonly SeenExpression[]): TextEdit[] {
  return expressions.flatMap(({ source, offsetOf }) => {
    const start = offsetOf(0);
    const end = offsetOf(source.length);
    const open = /\$\{\{([ \t]*)$/.exec(text.slice(Math.max(0, start - 200), start))?.[1];
    const close = /^([ \t]*)\}\}/.exec(text.slice(end, end + 200))?.[1];
    if (open === undefined || close === undefined || source === '') return [];
    return [
      { start: start - open.length, end: start, text: ' ' },
      { start: end, end: end + close.length, text: ' ' },
    ].filter((edit) => text.slice(edit.start, edit.end) !== edit.text);
  });
}

interface Line {
  start: number;
  /** Behind its last character, without the line break. */
  end: number;
  /** How far it was indented, and how far it is to be. Undefined where only its end may be touched. */
  old: number;
  wanted?: number;
  /** Its end is part of a text, where white space counts. */
  inText?: true;
  comment?: true;
}

class Layout {
  private readonly text: string;
  private readonly lines: Line[] = [];
  private readonly inner: TextEdit[] = [];
  private refused = false;

  constructor(text: string) {
    this.text = text;
    let start = 0;
    while (start <= text.length) {
      const found = text.indexOf('\n', start);
      const next = found === -1 ? text.length : found;
      const end = text[next - 1] === '\r' && next > start ? next - 1 : next;
      const bom = start === 0 && text.startsWith('\uFEFF') ? 1 : 0;
      const old = /^ */.exec(text.slice(start + bom, end))?.[0].length ?? 0;
      this.lines.push({ start: start + bom, end, old });
      if (found === -1) break;
      start = found + 1;
    }
  }

  /** False where the file is written in a way that is left alone. */
  read(): boolean {
    for (const token of new Parser().parse(this.text)) {
      if (token.type === 'document') {
        this.comments(token.start);
        if (token.value) this.value(token.value, 0, -2);
        this.comments(token.end);
      } else if (token.type === 'comment') this.comments([token]);
      else if (token.type === 'directive') this.refused = true;
    }
    this.placeComments();
    return !this.refused;
  }

  edits(): TextEdit[] {
    const tail = this.tail();
    const edits = this.inner.filter(({ start }) => start < (tail?.start ?? this.text.length));
    for (const { start, end, old, wanted, inText } of this.lines) {
      if (tail && start >= tail.start) break;
      const blank = this.text.slice(start, end).trim() === '';
      if ((inText || !blank) && wanted !== undefined && wanted !== old)
        edits.push({ start, end: start + old, text: ' '.repeat(wanted) });
      const trailing = inText ? 0 : (/[ \t]+$/.exec(this.text.slice(start, end))?.[0].length ?? 0);
      const from = end - trailing;
      if (trailing > 0 && (!tail || from < tail.start)) edits.push({ start: from, end, text: '' });
    }
    return tail ? [...edits, tail] : edits;
  }

  /** One line break at the end, and no empty lines before it: unless a text ends there, whose own they may be. */
  private tail(): TextEdit | undefined {
    const kept = this.text.trimEnd();
    const rest = this.text.slice(kept.length);
    if (kept === '' || !/^[ \t\r\n]*$/.test(rest) || this.lineAt(kept.length - 1)?.inText) return undefined;
    const ending = this.text.includes('\r\n') ? '\r\n' : '\n';
    return rest === ending ? undefined : { start: kept.length, end: this.text.length, text: ending };
  }

  /** `indent` is where its own lines begin; `parent` how far what it belongs to is indented. */
  private node(token: CST.Token, indent: number, parent: number): void {
    switch (token.type) {
      case 'block-map':
        for (const item of token.items) this.pair(item, indent);
        return;
      case 'block-seq':
        for (const item of token.items) this.item(item, indent);
        return;
      case 'block-scalar':
        this.blockScalar(token, parent);
        return;
      case 'flow-collection':
        this.flow(token);
        return;
      case 'scalar':
      case 'single-quoted-scalar':
      case 'double-quoted-scalar':
        this.continuation(token.offset, token.offset + token.source.length, indent);
        this.comments(token.end);
        return;
      case 'alias':
        this.comments(token.end);
        return;
      default:
        this.refused = true;
    }
  }

  private pair(item: CST.CollectionItem, indent: number): void {
    const { start, key, sep, value } = item;
    if (start.some(({ type }) => type === 'explicit-key-ind') || (key && !('source' in key))) {
      this.refused = true;
      return;
    }
    this.comments(start);
    // An anchor or a tag before the key is the first of its line.
    const first = start.find(({ type }) => type === 'anchor' || type === 'tag') ?? key ?? sep?.[0];
    if (first) this.place(first.offset, indent);
    this.comments(sep);
    this.oneSpace(sep ?? [], 'map-value-ind', value);
    if (value) this.value(value, indent + 2, indent);
  }

  private item({ start, value }: CST.CollectionItem, indent: number): void {
    this.comments(start);
    const dash = start.find(({ type }) => type === 'seq-item-ind');
    if (dash) this.place(dash.offset, indent);
    this.oneSpace(start, 'seq-item-ind', value);
    if (value) this.value(value, indent + 2, indent);
  }

  /** Behind `:` or `-`, where something follows on the line. A comment stands where its author put it. */
  private oneSpace(
    tokens: readonly CST.SourceToken[],
    behind: CST.SourceToken['type'],
    value: CST.Token | undefined,
  ): void {
    const at = tokens.findIndex(({ type }) => type === behind) + 1;
    const space = tokens[at];
    const next = tokens[at + 1] ?? value;
    if (at === 0 || space?.type !== 'space' || space.source === ' ') return;
    if (!next || next.type === 'comment' || next.type === 'newline') return;
    this.inner.push({ start: space.offset, end: space.offset + space.source.length, text: ' ' });
  }

  /** A value on a line of its own begins where its children stand. */
  private value(token: CST.Token, indent: number, parent: number): void {
    if (token.type !== 'block-map' && token.type !== 'block-seq') this.place(token.offset, indent);
    this.node(token, indent, parent);
  }

  /** The body of `|` and `>` moves as one piece: what stands further in stays further in. */
  private blockScalar(token: CST.BlockScalar, parent: number): void {
    this.comments(token.props as CST.SourceToken[]);
    const header = token.props.find(({ type }) => type === 'block-scalar-header');
    const props = token.props.map((each) => ('source' in each ? each.source : '')).join('');
    const from = token.offset + props.length;
    const body = this.linesOf(from, from + token.source.length);
    for (const line of body) line.inText = true;
    const first = body.find(({ start, end }) => this.text.slice(start, end).trim() !== '');
    if (!first) return;
    const wanted = parent + 2;
    // A figure in the header says how far in the text begins: such a text stays where it is.
    if (header && 'source' in header && /\d/.test(header.source)) {
      if (this.lineAt(token.offset)?.wanted !== this.lineAt(token.offset)?.old) this.refused = true;
      return;
    }
    const depth = first.old;
    // An empty line that is shorter than the text's own depth is just empty.
    for (const line of body) line.wanted = line.old >= depth ? line.old - depth + wanted : 0;
  }

  /** Between brackets a line stands two further in than the line of the innermost open one, and a closing one under it. */
  private flow(token: CST.FlowCollection): void {
    const brackets: { offset: number; opens: boolean }[] = [];
    const visit = (part: unknown): void => {
      if (Array.isArray(part)) for (const each of part) visit(each);
      else if (typeof part === 'object' && part !== null) {
        const { type = '', offset = 0, source = '' } = part as Partial<CST.SourceToken>;
        if (/^flow-(map|seq)-(start|end)$/.test(type))
          brackets.push({ offset, opens: type.endsWith('start') });
        // What stands on several lines is a text: YAML folds the white space at the ends of its lines.
        else if (type.endsWith('scalar') && source.includes('\n'))
          for (const line of this.linesOf(offset, offset + source.length)) line.inText = true;
        for (const each of Object.values(part)) if (typeof each === 'object') visit(each);
      }
    };
    visit([token.start, token.items, token.end]);
    this.placeBetween(brackets.sort((a, b) => a.offset - b.offset));
    this.comments(token.end);
  }

  private placeBetween(brackets: readonly { offset: number; opens: boolean }[]): void {
    const open: Line[] = [];
    let at = 0;
    for (const line of this.linesOf(brackets[0]?.offset ?? 0, (brackets.at(-1)?.offset ?? 0) + 1)) {
      const first = line.start + (/^\s*/.exec(this.text.slice(line.start, line.end))?.[0].length ?? 0);
      const around = open.at(-1);
      if (around) {
        // YAML wants whatever is more than the one closing bracket further in than the key.
        const closesOne = /^[\]}](?!\s*[\]}])/.test(this.text.slice(first, line.end));
        line.wanted = (around.wanted ?? around.old) + (closesOne ? 0 : 2);
      }
      for (let next = brackets[at]; next && next.offset < line.end; next = brackets[++at]) {
        if (next.opens) open.push(line);
        else open.pop();
      }
    }
  }

  /** Lines of a text that goes on move with its first, and stay further in than what they belong to. */
  private continuation(from: number, to: number, indent: number): void {
    const [first, ...rest] = this.linesOf(from, to);
    if (!first || rest.length === 0) return;
    const shift = (first.wanted ?? first.old) - first.old;
    first.inText = true;
    for (const line of rest) {
      line.inText = true;
      line.wanted = Math.max(line.old + shift, indent);
    }
  }

  private comments(tokens: readonly (CST.SourceToken | CST.Token)[] | undefined): void {
    for (const token of tokens ?? []) {
      if (token.type !== 'comment') continue;
      const line = this.lineAt(token.offset);
      if (line && line.start + line.old === token.offset) line.comment = true;
    }
  }

  /** A comment goes with what follows it at its depth, or else with what it stands under. */
  private placeComments(): void {
    const isContent = (line: Line) =>
      line.wanted !== undefined && !line.comment && this.text.slice(line.start, line.end).trim() !== '';
    for (const [index, line] of this.lines.entries()) {
      if (!line.comment) continue;
      const next = this.lines.slice(index + 1, index + 1 + 200).find(isContent);
      if (next && next.old === line.old) {
        line.wanted = next.wanted ?? line.old;
        continue;
      }
      const above = this.lines
        .slice(Math.max(0, index - 400), index)
        .reverse()
        .filter(isContent);
      const same = above.find(({ old }) => old === line.old);
      const around = same ?? above.find(({ old }) => old < line.old);
      line.wanted = around ? (around.wanted ?? around.old) + (line.old - around.old) : line.old;
    }
  }

  /** The first token of a line decides how far the line is indented. */
  private place(offset: number, indent: number): void {
    const line = this.lineAt(offset);
    if (line && line.start + line.old === offset) line.wanted = indent;
  }

  private linesOf(from: number, to: number): Line[] {
    const first = this.indexAt(from);
    let last = first;
    while ((this.lines[last + 1]?.start ?? Number.POSITIVE_INFINITY) < to) last += 1;
    return this.lines.slice(first, last + 1);
  }

  private lineAt(offset: number): Line | undefined {
    return this.lines[this.indexAt(offset)];
  }

  private indexAt(offset: number): number {
    let low = 0;
    let high = this.lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.lines[middle]?.start ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
