/** Names for accounts, by one rule and in plain Latin letters, on every machine the same. */
import { ExpressionError } from './operations.ts';
import { toSlug } from './text.ts';

/** The usual passports' way (ICAO Doc 9303) for Cyrillic, ELOT 743 for Greek, the national system of 2002 for Georgian. */
const scripts: readonly [letters: string, latin: string][] = [
  [
    'а б в г д е ё ж з и й к л м н о п р с т у ф х ц ч ш щ ъ ы ь э ю я',
    'a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch ie y - e iu ia',
  ],
  ['є і ї ґ ў ђ ј љ њ ћ џ ѓ ќ ѕ', 'ie i i g u dj j lj nj c dz g k dz'],
  [
    'α β γ δ ε ζ η θ ι κ λ μ ν ξ ο π ρ σ ς τ υ φ χ ψ ω',
    'a v g d e z i th i k l m n x o p r s s t y f ch ps o',
  ],
  [
    'ა ბ გ დ ე ვ ზ თ ი კ ლ მ ნ ო პ ჟ რ ს ტ უ ფ ქ ღ ყ შ ჩ ც ძ წ ჭ ხ ჯ ჰ',
    'a b g d e v z t i k l m n o p zh r s t u p k gh q sh ch ts dz ts ch kh j h',
  ],
];

const latinOf = new Map(
  scripts.flatMap(([letters, latin]) => {
    const parts = latin.split(' ');
    return letters
      .split(' ')
      .map((letter, index): [string, string] => [letter, (parts[index] ?? '').replace('-', '')]);
  }),
);

const initials = 'g kk n d tt r m b pp s ss - j jj ch k t p h'
  .split(' ')
  .map((part) => part.replace('-', ''));
const vowels = 'a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i'.split(' ');
const finals = '- k k k n n n t l k m l l l p l m p p t t ng t t k t p t'
  .split(' ')
  .map((part) => part.replace('-', ''));

/** Hangul syllables come apart by arithmetic (Unicode 3.12), and are written by the Revised Romanization, letter by letter. */
function hangul(letter: string): string | undefined {
  const index = (letter.codePointAt(0) ?? 0) - 0xac00;
  if (index < 0 || index >= 11_172) return undefined;
  const [initial, vowel, final] = [Math.floor(index / 588), Math.floor((index % 588) / 28), index % 28];
  return `${initials[initial]}${vowels[vowel]}${finals[final]}`;
}

/** In plain small Latin letters, with hyphens between words. Fails where a name has letters that no such way is known for. */
function latin(name: string): string {
  const written = [...name.normalize('NFC').toLowerCase()]
    .map(
      (letter) =>
        latinOf.get(letter) ?? latinOf.get(letter.normalize('NFD').charAt(0)) ?? hangul(letter) ?? letter,
    )
    .join('');
  const result = toSlug(written);
  // What is left out would give two people one name, or a name that is not theirs.
  const lost = [...written].find((letter) => /\p{L}/u.test(letter) && toSlug(letter) === '');
  if (lost !== undefined || result === '')
    throw new ExpressionError(
      'function_failed',
      `"${name}" has letters that have no one form in Latin; let people give the sign-in name`,
    );
  return result;
}

/** Two parts out of `first`, `f`, `last`, `l`, with `.`, `-`, `_` or nothing between them; or one of them. */
const rulePattern = /^(first|last|f|l)(?:([._-]?)(first|last|f|l))?$/;

export function userName(given: string, family: string, rule: string): string {
  const parts = rulePattern.exec(rule);
  if (!parts)
    throw new ExpressionError(
      'function_failed',
      `"${rule}" is no rule for names; one is first.last, f.last, firstl, last.first and the like`,
    );
  const [, one = '', between = '', other] = parts;
  const part = (name: string): string => {
    const whole = latin(name.startsWith('f') ? given : family);
    return name.length === 1 ? whole.charAt(0) : whole;
  };
  return other === undefined ? part(one) : `${part(one)}${between}${part(other)}`;
}
