import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { sameValue } from '../plan/sealed-values.ts';
import { Seal } from './seal.ts';

const k1 = randomBytes(32);
const k2 = randomBytes(32);

describe('A sealed value', () => {
  it('opens to what was sealed, text or structure', () => {
    const seal = new Seal({ current: 'k1', keys: { k1 } });
    for (const value of ['hunter2', '', 'Übergröße', 42, null, { a: ['b', true] }])
      expect(seal.open(seal.seal(value))).toEqual(value);
  });

  it('shows nothing of its content and differs each time', () => {
    const seal = new Seal({ current: 'k1', keys: { k1 } });
    const [one, two] = [seal.seal('hunter2'), seal.seal('hunter2')];
    expect(one).not.toBe(two);
    expect(one).toMatch(/^v1\.k1\.[A-Za-z0-9_-]+$/);
    expect(Buffer.from(one.split('.')[2] ?? '', 'base64url').toString('latin1')).not.toContain('hunter2');
  });

  it('still opens after the key was rotated, while the old key is kept', () => {
    const token = new Seal({ current: 'k1', keys: { k1 } }).seal('hunter2');
    expect(new Seal({ current: 'k2', keys: { k1, k2 } }).open(token)).toBe('hunter2');
  });

  it('says which key is missing when that key was dropped', () => {
    const token = new Seal({ current: 'k1', keys: { k1 } }).seal('hunter2');
    const later = new Seal({ current: 'k2', keys: { k2 } });
    expect(() => later.open(token)).toThrow('sealed with the key "k1", which the key ring no longer has');
  });

  it('is refused when it was altered, cut off, or is no token at all', () => {
    const seal = new Seal({ current: 'k1', keys: { k1, k2: k1 } });
    const token = seal.seal('hunter2');
    const flipped = token.slice(0, -2) + (token.endsWith('AA') ? 'BB' : 'AA');
    expect(() => seal.open(flipped)).toThrow('damaged or altered');
    expect(() => seal.open(token.slice(0, 30))).toThrow('damaged or altered');
    expect(() => seal.open(token.replace('.k1.', '.k2.'))).toThrow('damaged or altered');
    expect(() => seal.open('hunter2')).toThrow('no sealed value');
    expect(() => seal.open('v1.toString.AAAA')).toThrow('no longer has');
  });

  it('needs 32-byte keys and a current one', () => {
    expect(() => new Seal({ current: 'k1', keys: { k1: randomBytes(16) } })).toThrow('16 bytes');
    expect(() => new Seal({ current: 'k2', keys: { k1 } })).toThrow('no key "k2"');
  });
});

describe('The digest of a sealed value', () => {
  const k1 = randomBytes(32);
  const seal = new Seal({ current: 'k1', keys: { k1 } });
  const first = seal.sealed('hunter2');

  it('is the same for the same content that takes its place, also after a rotation, and another for any other', () => {
    const rotated = new Seal({ current: 'k2', keys: { k1, k2: randomBytes(32) } });
    for (const by of [seal, rotated]) {
      const again = by.sealed('hunter2', first);
      expect(again.$sealed).not.toBe(first.$sealed);
      expect(again.$digest).toBe(first.$digest);
      expect(sameValue({ a: [first] }, { a: [again] })).toBe(true);
      expect(sameValue(first, by.sealed('hunter3', first))).toBe(false);
    }
  });

  it('tells nobody anything who has no key, also not by what they have sealed themselves', () => {
    expect(seal.sealed('hunter2').$digest).not.toBe(first.$digest);
    const other = new Seal({ current: 'k1', keys: { k1: randomBytes(32) } });
    expect(other.sealed('hunter2', first).$digest).not.toBe(first.$digest);
    const [salt = '', digest] = String(first.$digest).split('.');
    const plain = ['hunter2', '"hunter2"', `${salt}\n"hunter2"`].flatMap((text) =>
      (['base64url', 'hex'] as const).map((form) => createHash('sha256').update(text).digest(form)),
    );
    expect(plain).not.toContain(digest);
  });

  it('of a value that was sealed before there were any is compared by its token', () => {
    expect(sameValue({ $sealed: 'a' }, { $sealed: 'b' })).toBe(false);
    expect(sameValue({ $sealed: 'a' }, { $sealed: 'a' })).toBe(true);
  });
});

describe('A derived value', () => {
  it('stays the same when a key is added, so that a rotation between two attempts changes no password', () => {
    const before = new Seal({ current: 'k1', keys: { k1 } }).derive('password');
    const after = new Seal({ current: 'k2', keys: { k1, k2 } }).derive('password');
    expect(after).toBe(before);
    expect(Buffer.from(before, 'base64url')).toHaveLength(32);
  });

  it('differs by purpose and by installation', () => {
    const seal = new Seal({ current: 'k1', keys: { k1 } });
    expect(seal.derive('a')).not.toBe(seal.derive('b'));
    expect(new Seal({ current: 'k2', keys: { k2 } }).derive('a')).not.toBe(seal.derive('a'));
  });
});

describe('A signature', () => {
  it('holds for its text and its purpose only', () => {
    const seal = new Seal({ current: 'k1', keys: { k1 } });
    const mac = seal.mac('audit', 'what happened');
    expect(mac).toMatch(/^k1\.[A-Za-z0-9_-]{43}$/);
    expect(seal.checkMac('audit', 'what happened', mac)).toBe(true);
    expect(seal.checkMac('audit', 'what happened else', mac)).toBe(false);
    expect(seal.checkMac('audit head', 'what happened', mac)).toBe(false);
    expect(seal.checkMac('audit', 'what happened', `${mac}A`)).toBe(false);
    expect(seal.checkMac('audit', 'what happened', '')).toBe(false);
  });

  it('can be checked after a rotation, and says which key is gone', () => {
    const mac = new Seal({ current: 'k1', keys: { k1 } }).mac('audit', 'x');
    expect(new Seal({ current: 'k2', keys: { k2, k1 } }).checkMac('audit', 'x', mac)).toBe(true);
    expect(() => new Seal({ current: 'k2', keys: { k2 } }).checkMac('audit', 'x', mac)).toThrow(
      'signed with the key "k1", which the key ring no longer has',
    );
  });
});

describe('A text at rest', () => {
  it('is encrypted, and comes back whole', () => {
    const seal = new Seal({ current: 'k1', keys: { k1 } });
    for (const text of ['{"reason":"illness"}', '', 'v1.k1.not-a-token', 'two\nlines']) {
      expect(seal.encrypt(text)).not.toContain('illness');
      expect(seal.decrypt(seal.encrypt(text))).toBe(text);
    }
  });

  it('that was kept before texts were encrypted comes back as it is', () => {
    const seal = new Seal({ current: 'k1', keys: { k1 } });
    for (const text of ['{"a":1}', 'not json', '']) expect(seal.decrypt(text)).toBe(text);
  });
});
