/**
 * XML, written and read. What comes in may be hostile: nothing is fetched, no entity but XML's own five is known, and a document
 * that defines entities is refused unread (external entities, "billion laughs").
 */

import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { errorText } from '../../../plan/error-text.ts';

/** An element that is read: its own text is that of its text parts, trimmed. */
export interface Element {
  name: string;
  attributes: Readonly<Record<string, string>>;
  children: readonly Element[];
  text: string;
}

/** The document cannot be read. Its message says why. */
export class NotReadable extends Error {
  override readonly name = 'NotReadable';
}

type Content = string | undefined | false;

/** One element as text. Children are elements as text already; attributes that are undefined are left out. */
export function element(
  name: string,
  attributes: Record<string, string | number | undefined>,
  ...children: Content[]
): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
  const inner = children.filter(Boolean).join('');
  return inner ? `<${name}${written.join('')}>${inner}</${name}>` : `<${name}${written.join('')}/>`;
}

/** Text as the content of an element, or of an attribute. */
export function escaped(text: string): string {
  return text
    .replace(notInXml, '')
    .replace(/[&<>"']/g, (character) => `&${namesOf[character] ?? ''};`)
    .replace(/[\t\r\n]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Reads a whole document. Throws {@link NotReadable}. */
export function parseXml(text: string): Element {
  const document = text.replace(/^\uFEFF/, '');
  if (declaresItsOwn(document))
    throw new NotReadable('The document defines entities or declarations of its own, which are not read.');
  const problem = XMLValidator.validate(document);
  if (problem !== true) throw new NotReadable(`The document is no XML: ${problem.err.msg}`);
  let parts: Part[];
  try {
    parts = parser.parse(document) as Part[];
  } catch (error) {
    throw new NotReadable(`The document cannot be read: ${errorText(error)}`);
  }
  const [root, ...others] = childrenOf(parts);
  if (root && others.length === 0) return root;
  throw new NotReadable('The document must have one outermost element.');
}

/** The first child of this name, and of that one and so on. */
export function find(from: Element | undefined, ...path: string[]): Element | undefined {
  return path.reduce<Element | undefined>(
    (element, name) => element?.children.find((child) => child.name === name),
    from,
  );
}

export function all(from: Element | undefined, name: string): Element[] {
  return from?.children.filter((child) => child.name === name) ?? [];
}

/** All elements of this name, however deep. */
export function within(from: Element, name: string): Element[] {
  return from.children.flatMap((child) => [...(child.name === name ? [child] : []), ...within(child, name)]);
}

/** The encodings that suppliers' systems write, by the names that XML and HTTP have for them. */
const encodingIn = /^<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][\w.:-]*)["']/;

/**
 * The text of a document that came as bytes: in the encoding that its first bytes show, else that the transport named
 * (`contentType`, RFC 7303), else that the document names itself, else UTF-8. Throws {@link NotReadable}.
 */
export function xmlText(bytes: Uint8Array, contentType = ''): string {
  const start = Buffer.from(bytes.subarray(0, 200)).toString('latin1');
  const marked = /^(\xFF\xFE|<\0)/.test(start)
    ? 'utf-16le'
    : /^(\xFE\xFF|\0<)/.test(start)
      ? 'utf-16be'
      : undefined;
  const named = /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(contentType)?.[1];
  const label = start.startsWith('\xEF\xBB\xBF')
    ? 'utf-8'
    : (marked ?? named ?? encodingIn.exec(start)?.[1] ?? 'utf-8');
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    throw new NotReadable(`The document says that it is written in ${label}, and cannot be read as such.`);
  }
}

/** The document without what only looks like markup: comments, literal text and instructions. In one pass, whatever is in it. */
function markupOf(document: string): string {
  const kept: string[] = [];
  let from = 0;
  for (const { 0: begin, index } of document.matchAll(/<!--|<!\[CDATA\[|<\?/g)) {
    if (index < from) continue;
    kept.push(document.slice(from, index));
    const end = begin === '<!--' ? '-->' : begin === '<?' ? '?>' : ']]>';
    const at = document.indexOf(end, index + begin.length);
    // Without an end it is no XML, which is found elsewhere.
    if (at === -1) return kept.join(' ');
    from = at + end.length;
  }
  return [...kept, document.slice(from)].join(' ');
}

/** Entities are defined between the brackets of a DOCTYPE; one that only names a grammar has none. */
function declaresItsOwn(text: string): boolean {
  const document = markupOf(text);
  const [first, ...others] = document.match(/<!(DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)/gi) ?? [];
  if (first === undefined) return false;
  if (others.length > 0 || !/doctype/i.test(first)) return true;
  const begin = document.indexOf(first);
  return document.slice(begin, document.indexOf('>', begin)).includes('[');
}

const namesOf: Record<string, string> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };
const charactersOf = Object.fromEntries(
  Object.entries(namesOf).map(([character, name]) => [name, character]),
);

/** Characters that XML 1.0 cannot carry in any form. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about control characters.
const notInXml = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g;

const textPart = '#text';
const literalPart = '#cdata';
const attributesPart = ':@';

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  processEntities: false,
  parseTagValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  textNodeName: textPart,
  cdataPropName: literalPart,
});

/** As the parser gives it: one key for the name or kind of the part, and one for attributes. */
type Part = Record<string, unknown>;

function childrenOf(parts: readonly Part[]): Element[] {
  return parts.flatMap((part) => {
    const name = Object.keys(part).find((key) => key !== attributesPart);
    if (name === undefined || name === textPart || name === literalPart) return [];
    const inner = part[name] as Part[];
    const attributes = Object.entries((part[attributesPart] ?? {}) as Record<string, string>);
    return [
      {
        name,
        attributes: Object.fromEntries(attributes.map(([key, value]) => [key, unescaped(value)])),
        children: childrenOf(inner),
        text: textOf(inner).trim(),
      },
    ];
  });
}

function textOf(parts: readonly Part[]): string {
  return parts
    .map((part) => {
      if (textPart in part) return unescaped(String(part[textPart]));
      return literalPart in part
        ? (part[literalPart] as Part[]).map((inner) => inner[textPart]).join('')
        : '';
    })
    .join('');
}

function unescaped(text: string): string {
  return text.replace(/&(#x[\da-f]+|#\d+|\w+);/gi, (whole, name: string) => {
    if (!name.startsWith('#')) {
      const character = charactersOf[name];
      if (character !== undefined) return character;
      throw new NotReadable(`The document names the entity ${whole}, which XML does not have.`);
    }
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    if (code > 0 && code <= 0x10_ffff) return String.fromCodePoint(code);
    throw new NotReadable(`The document names the character ${whole}, which there is not.`);
  });
}
