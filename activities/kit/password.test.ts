import { describe, expect, it } from '@jest/globals';
import { passwordFrom } from './password.ts';

describe('A first password', () => {
  const many = Array.from({ length: 500 }, (_, index) => passwordFrom(`secret ${index}`));

  it('is the same for the same secret, and its own for another', () => {
    expect(passwordFrom('secret 1')).toBe(many[1]);
    expect(new Set(many).size).toBe(many.length);
  });

  it('meets the directory’s rules and can be typed from paper', () => {
    for (const password of many) {
      expect(password).toMatch(/^[A-HJ-NP-Za-km-z2-9]{4}(-[A-HJ-NP-Za-km-z2-9]{4}){3}$/);
      expect(password).toMatch(/[A-Z]/);
      expect(password).toMatch(/[a-z]/);
      expect(password).toMatch(/[2-9]/);
    }
  });
});
