/** Text functions that must give the same on every machine: no locale is asked. */

/** Letters that do not come apart into a Latin letter and an accent, or do so otherwise than people write them. */
const letters: Record<string, string> = {
  ä: 'ae',
  ö: 'oe',
  ü: 'ue',
  Ä: 'Ae',
  Ö: 'Oe',
  Ü: 'Ue',
  ß: 'ss',
  ẞ: 'SS',
  ø: 'o',
  Ø: 'O',
  æ: 'ae',
  Æ: 'Ae',
  œ: 'oe',
  Œ: 'Oe',
  å: 'a',
  Å: 'A',
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  Đ: 'D',
  ð: 'd',
  Ð: 'D',
  þ: 'th',
  Þ: 'Th',
  ı: 'i',
  ħ: 'h',
  Ħ: 'H',
  ŋ: 'n',
  ĸ: 'k',
  ŧ: 't',
  Ŧ: 'T',
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '–': '-',
  '—': '-',
  '…': '...',
  '\u00a0': ' ',
};

/** In plain Latin letters; what has no such form is left out. */
export function toAscii(text: string): string {
  let result = '';
  for (const letter of text.normalize('NFC')) {
    if (letter <= '\u007f') result += letter;
    else result += letters[letter] ?? letter.normalize('NFKD').replace(/[^\u0020-\u007e]/g, '');
  }
  return result;
}

export function toSlug(text: string): string {
  return toAscii(text)
    .toLowerCase()
    .replace(/['"]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

export function titleCase(text: string): string {
  return text
    .toLowerCase()
    .replace(/(^|[^\p{L}\p{M}\p{N}'’])(\p{L})/gu, (_, before: string, first: string) => {
      return before + first.toUpperCase();
    });
}

/** By RFC 3986: what it calls unreserved stays. Half a character, which has no bytes, becomes Unicode's mark for that. */
export function urlEncode(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** By hand, since Temporal's sandbox has neither Buffer nor btoa. */
export function toBase64(text: string): string {
  const bytes = utf8(text);
  let result = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b, c] = bytes.slice(at, at + 3);
    const bits = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    const letters = [18, 12, 6, 0].map((shift) => digits[(bits >> shift) & 63] ?? '');
    result += `${letters[0]}${letters[1]}${b === undefined ? '=' : letters[2]}${c === undefined ? '=' : letters[3]}`;
  }
  return result;
}

function utf8(text: string): number[] {
  return [...urlEncode(text).matchAll(/%([0-9A-F]{2})|[^%]/g)].map(([letter, hex]) =>
    hex === undefined ? letter.charCodeAt(0) : Number.parseInt(hex, 16),
  );
}
