/** E-mail addresses, by which people are known. */

/**
 * In lower case; undefined for what is none, and for one that the case rules of Unicode fold onto another person's: the sign for
 * kelvin becomes a k, a dotted capital I an i, so that whoever holds such an address would be somebody else here.
 */
export function addressOf(text: string): string | undefined {
  const given = text.trim();
  if (given.length > 254 || !/^[^\s@<>",;]+@[^\s@<>",;]+$/.test(given)) return undefined;
  return [...given].some(foldsOntoAscii) ? undefined : given.toLowerCase();
}

function foldsOntoAscii(letter: string): boolean {
  if (letter.charCodeAt(0) < 128) return false;
  const forms = [letter.toLowerCase(), letter.toUpperCase(), letter.normalize('NFKC')];
  // An s from a long s, and not the two that a sharp s is written as in capitals.
  return forms.some(
    (form) => /^[\0-\x7f]/.test(form) && form.normalize('NFD').replace(/\p{M}/gu, '').length === 1,
  );
}
