import { describe, expect, it } from '@jest/globals';
import { goProgress } from './get.ts';

describe('The build of a Temporal server', () => {
  it('says how far it has come, by what Go says', () => {
    const downloads =
      'go: downloading go.temporal.io/server v1.29.1\ngo: downloading golang.org/x/net v0.1.0\n';
    expect(goProgress('')).toBe('0 modules are here');
    expect(goProgress(downloads)).toBe('2 modules are here');
    expect(
      goProgress(`${downloads}internal/cpu\ngolang.org/x/net/http2\n# broken/package\nx.go:1: no\n`),
    ).toBe('2 packages are compiled');
  });
});
