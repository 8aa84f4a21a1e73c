import { describe, expect, it } from '@jest/globals';
import { userName } from './user-names.ts';

describe('The name of an account', () => {
  it('follows its rule', () => {
    const rules = ['first.last', 'f.last', 'firstl', 'last.first', 'last', 'f-l', 'lastf'];
    expect(rules.map((rule) => userName('Ann-Marie', 'van Lee', rule))).toEqual([
      'ann-marie.van-lee',
      'a.van-lee',
      'ann-mariev',
      'van-lee.ann-marie',
      'van-lee',
      'a-v',
      'van-leea',
    ]);
    expect(() => userName('Ann', 'Lee', 'given.name')).toThrow('no rule for names');
  });

  it('is in plain Latin letters, from Latin with marks, Cyrillic, Greek, Georgian and Korean', () => {
    const names = [
      ['Zoë', 'Lindström'],
      ['Юлія', 'Щербак'],
      ['Γιώργος', 'Παπαδόπουλος'],
      ['ნინო', 'ბერიძე'],
      ['지수', '김'],
      ['Đorđe', 'Ђоковић'],
    ] as const;
    expect(names.map(([given, family]) => userName(given, family, 'first.last'))).toEqual([
      'zoe.lindstroem',
      'iuliia.shcherbak',
      'giorgos.papadopoylos',
      'nino.beridze',
      'jisu.gim',
      'dorde.djokovic',
    ]);
  });

  it('is refused where letters have no one Latin form, and never made of what is left', () => {
    for (const name of ['王伟', 'علي', 'さくら', '王 Wei'])
      expect(() => userName(name, 'Lee', 'first.last')).toThrow('have no one form in Latin');
  });
});
