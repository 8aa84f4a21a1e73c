/** Text -> positioned tree. The YAML library parses once; one pass turns its nodes into our own light tree. */
import { type Document, isAlias, isMap, isScalar, isSeq, parseDocument, type YAMLError } from 'yaml';
import * as source from '../diagnostics/registry/source.ts';
import type { Reporter } from '../diagnostics/reporter.ts';
import { findSlips, maskSlips, type Slip } from './slips.ts';
import type { SourceFile, SourceRange } from './source-file.ts';
import type { Entry, Node, ScalarNode } from './tree.ts';
import { reportYamlErrors } from './yaml-errors.ts';

export const maxCharacters = 1_048_576;
export const maxDepth = 64;
export const maxAliasedNodes = 10_000;

export interface Parsed {
  root: Node | undefined;
  /** Lines (from 1) with a syntax error: what seems wrong there otherwise is likely to follow from it. */
  errorLines: Set<number>;
}

export function parseSource(file: SourceFile, reporter: Reporter, whatItNeeds: string): Parsed {
  const { text } = file;
  const errorLines = new Set<number>();
  if (text.length > maxCharacters) {
    reporter.report(source.fileTooLarge, { start: 0, end: 0 }, { bytes: text.length });
    return { root: undefined, errorLines };
  }
  const first = parseYaml(text);
  if (!first) {
    reporter.report(source.tooDeep, { start: 0, end: Math.min(text.length, 1) }, {});
    return { root: undefined, errorLines };
  }
  let document = first;
  const slips = slipsIn(text, document);
  if (slips.length > 0) document = parseYaml(maskSlips(text, slips)) ?? document;
  for (const slip of slips) {
    reportSlip(slip, text, reporter);
    errorLines.add(file.lineColumn(slip.start).line);
  }
  reportYamlErrors(document, file, reporter, errorLines);
  const converter = new Converter(text, reporter, slips);
  const root = document.contents ? converter.convert(document.contents, 0) : undefined;
  if (!root || (root.kind === 'scalar' && root.value === null && root.raw.trim() === '')) {
    if (errorLines.size === 0) reporter.report(source.emptyFile, { start: 0, end: 0 }, { what: whatItNeeds });
    return { root: undefined, errorLines };
  }
  return { root, errorLines };
}

/** Undefined when the text is nested too deeply for the YAML library itself. */
function parseYaml(text: string): Document.Parsed | undefined {
  try {
    return parseDocument(text, { uniqueKeys: false, prettyErrors: false, strict: true, logLevel: 'error' });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function slipsIn(text: string, document: Document.Parsed): Slip[] {
  if (!text.includes('{{')) return [];
  return findSlips(
    text,
    document.errors.map((error: YAMLError) => error.pos[0]),
  );
}

function reportSlip(slip: Slip, text: string, reporter: Reporter): void {
  const written = text.slice(slip.start, slip.end);
  const quoted = written.includes('"') ? `'${written.replaceAll("'", "''")}'` : `"${written}"`;
  switch (slip.kind) {
    case 'flow': {
      reporter.report(source.expressionInFlow, slip, { text: written }, { suggestion: quoted });
      return;
    }
    case 'bare': {
      reporter.report(source.bracesWithoutDollar, slip, { text: written }, { suggestion: `$${written}` });
      return;
    }
    case 'comment': {
      reporter.report(source.expressionWithComment, slip, { text: written }, { suggestion: quoted });
      return;
    }
    case 'colon':
    case 'other': {
      reporter.report(source.expressionWithColon, slip, { text: written }, { suggestion: quoted });
      return;
    }
  }
}

class Converter {
  private readonly anchors = new Map<string, unknown>();
  private aliasedNodes = 0;
  private aliasDepth = 0;
  private tooMany = false;
  private readonly text: string;
  private readonly reporter: Reporter;
  private readonly slips: readonly Slip[];

  constructor(text: string, reporter: Reporter, slips: readonly Slip[]) {
    this.text = text;
    this.reporter = reporter;
    this.slips = slips;
  }

  convert(node: unknown, depth: number): Node {
    const range = rangeOf(node);
    if (this.aliasDepth > 0 && ++this.aliasedNodes > maxAliasedNodes) return this.refuseAliases(range);
    if (depth > maxDepth) {
      this.reporter.report(source.tooDeep, { start: range.start, end: range.start + 1 }, {});
      return brokenAt(range);
    }
    if (isAlias(node)) return this.convertAlias(node.source, range, depth);
    const converted = this.convertOwn(node, range, depth);
    const anchor = (node as { anchor?: string } | null)?.anchor;
    if (anchor) this.anchors.set(anchor, node);
    return converted;
  }

  private convertOwn(node: unknown, range: SourceRange, depth: number): Node {
    if (isMap(node)) {
      const entries: Entry[] = [];
      const seen = new Map<string, SourceRange>();
      for (const pair of node.items) {
        const entry = this.convertPair(pair.key, pair.value, range, depth);
        if (!entry) continue;
        const earlier = seen.get(entry.key);
        if (earlier) {
          const line = this.reporter.file.lineColumn(earlier.start).line;
          this.reporter.report(source.duplicateKey, entry.keyRange, { key: entry.key, line });
          continue;
        }
        seen.set(entry.key, entry.keyRange);
        entries.push(entry);
      }
      return { kind: 'map', entries, ...trimmed(range, this.text) };
    }
    if (isSeq(node)) {
      const items = node.items.map((item) => this.convert(item, depth + 1));
      return { kind: 'list', items, ...trimmed(range, this.text) };
    }
    return isScalar(node) ? this.convertScalar(node, range) : brokenAt(range);
  }

  private convertPair(key: unknown, value: unknown, parent: SourceRange, depth: number): Entry | undefined {
    const keyRange = key ? rangeOf(key) : { start: parent.start, end: parent.start };
    const keyNode = isAlias(key) ? undefined : key;
    if (!isScalar(keyNode)) {
      this.reporter.report(source.keyNotText, keyRange, {});
      return undefined;
    }
    const raw = this.text.slice(keyRange.start, keyRange.end);
    const name = typeof keyNode.value === 'string' ? keyNode.value : raw;
    if (this.slips.some((slip) => slip.start < keyRange.end && slip.end > keyRange.start)) return undefined;
    if (raw === '<<') {
      this.reporter.report(source.mergeKey, keyRange, {});
      return undefined;
    }
    const converted = value ? this.convert(value, depth + 1) : emptyAt(keyRange.end);
    return { key: name, keyRange, value: converted };
  }

  private convertScalar(
    node: { value: unknown; type?: string; tag?: string },
    range: SourceRange,
  ): ScalarNode {
    const raw = this.text.slice(range.start, range.end);
    // Reported as such: what is left of the text means nothing.
    const isTagged = node.tag?.startsWith('!') === true;
    const slip = isTagged || this.slips.some(({ start, end }) => start < range.end && end > range.start);
    if (slip) return { kind: 'scalar', value: raw, style: 'plain', raw, broken: true, ...range };
    const style =
      node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE'
        ? 'quoted'
        : node.type?.startsWith('BLOCK')
          ? 'block'
          : 'plain';
    const { value } = node;
    const plain =
      value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
    return { kind: 'scalar', value: plain ? (value as ScalarNode['value']) : raw, style, raw, ...range };
  }

  private convertAlias(name: string, range: SourceRange, depth: number): Node {
    if (this.tooMany) return brokenAt(range);
    const target = this.anchors.get(name);
    if (target === undefined) {
      this.reporter.report(source.unknownAnchor, range, { name });
      return brokenAt(range);
    }
    this.aliasDepth += 1;
    try {
      return this.convertOwnOrAlias(target, depth);
    } finally {
      this.aliasDepth -= 1;
    }
  }

  private convertOwnOrAlias(target: unknown, depth: number): Node {
    if (++this.aliasedNodes > maxAliasedNodes) return this.refuseAliases(rangeOf(target));
    return this.convertOwn(target, rangeOf(target), depth);
  }

  private refuseAliases(range: SourceRange): Node {
    if (!this.tooMany)
      this.reporter.report(source.tooManyAliases, { start: range.start, end: range.start }, {});
    this.tooMany = true;
    return brokenAt(range);
  }
}

function rangeOf(node: unknown): SourceRange {
  const range = (node as { range?: [number, number, number] | null } | null)?.range;
  return range ? { start: range[0], end: range[1] } : { start: 0, end: 0 };
}

/** A block's range runs into the white space behind it; what a person would underline does not. */
function trimmed({ start, end }: SourceRange, text: string): SourceRange {
  let last = end;
  while (last > start && /\s/.test(text[last - 1] ?? '')) last -= 1;
  return { start, end: last };
}

function brokenAt(range: SourceRange): ScalarNode {
  return { kind: 'scalar', value: null, style: 'plain', raw: '', broken: true, ...range };
}

function emptyAt(offset: number): ScalarNode {
  return { kind: 'scalar', value: null, style: 'plain', raw: '', start: offset, end: offset };
}
