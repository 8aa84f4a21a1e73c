/** Reads Protocol Buffers' text format, as far as CEL's conformance data uses it. Every field is a list of its values. */

export type Scalar = { text: string } | { word: string };
export interface Message {
  [field: string]: (Scalar | Message)[];
}

const token =
  /\s+|#[^\n]*|(?<quoted>"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*')|(?<any>\[[\w./-]+\])|(?<word>[-+\w.]+)|(?<mark>[{}<>:,;[\]])/gy;

type Token = { text: Uint8Array } | { word: string } | { mark: string };

export function readTextProto(source: string): Message {
  const tokens = tokensOf(source);
  let at = 0;
  const isMark = (mark: string) => {
    const next = tokens[at];
    return next !== undefined && 'mark' in next && next.mark === mark;
  };
  const message = (end: string | undefined): Message => {
    const fields: Message = {};
    while (at < tokens.length && !(end !== undefined && isMark(end))) {
      const name = tokens[at++];
      if (!name || !('word' in name)) throw new Error(`A field's name is missing, at token ${at}.`);
      if (isMark(':')) at += 1;
      fields[name.word] ??= [];
      if (isMark('[')) {
        at += 1;
        while (!isMark(']')) {
          fields[name.word]?.push(value());
          if (isMark(',')) at += 1;
        }
        at += 1;
      } else fields[name.word]?.push(value());
      if (isMark(',') || isMark(';')) at += 1;
    }
    at += 1;
    return fields;
  };
  const value = (): Scalar | Message => {
    if (isMark('{') || isMark('<')) {
      const end = isMark('{') ? '}' : '>';
      at += 1;
      return message(end);
    }
    const first = tokens[at++];
    if (!first || 'mark' in first) throw new Error(`A value is missing, at token ${at}.`);
    if ('word' in first) return { word: first.word };
    // Texts that follow one another are one.
    const parts = [first.text];
    for (let next = tokens[at]; next && 'text' in next; next = tokens[++at]) parts.push(next.text);
    return { text: new TextDecoder().decode(Buffer.concat(parts)) };
  };
  return message(undefined);
}

function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < source.length) {
    const from = token.lastIndex;
    const match = token.exec(source);
    if (!match) throw new Error(`Not understood: ${source.slice(from, from + 30)}`);
    const { quoted, any, word, mark } = match.groups ?? {};
    if (quoted !== undefined) tokens.push({ text: unquoted(quoted.slice(1, -1)) });
    else if (any ?? word) tokens.push({ word: any ?? word ?? '' });
    else if (mark !== undefined) tokens.push({ mark });
  }
  return tokens;
}

const simple: Record<string, number> = { n: 10, r: 13, t: 9, a: 7, b: 8, f: 12, v: 11 };

function unquoted(text: string): Uint8Array {
  const parts: Uint8Array[] = [];
  const sequence = /\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g;
  let from = 0;
  for (const match of text.matchAll(sequence)) {
    const [all, octal, hex, short, long, other = ''] = match;
    parts.push(Buffer.from(text.slice(from, match.index)));
    from = match.index + all.length;
    if (octal) parts.push(Uint8Array.of(Number.parseInt(octal, 8)));
    else if (hex) parts.push(Uint8Array.of(Number.parseInt(hex, 16)));
    else if (short ?? long)
      parts.push(Buffer.from(String.fromCodePoint(Number.parseInt(short ?? long ?? '0', 16))));
    else parts.push(Object.hasOwn(simple, other) ? Uint8Array.of(simple[other] ?? 0) : Buffer.from(other));
  }
  parts.push(Buffer.from(text.slice(from)));
  return Buffer.concat(parts);
}
