import { describe, expect, it } from '@jest/globals';
import { entraSandbox } from './testing.ts';

const at = entraSandbox();

describe('Counting licences', () => {
  it('gives how many kinds of them there are', async () => {
    const { count } = await at.attempts.call('entra.countLicenses', {});
    expect(Number(count)).toBeGreaterThan(0);
  });
});
