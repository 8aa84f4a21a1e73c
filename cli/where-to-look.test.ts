import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { packageRoot } from '../store/package-root.ts';
import { withCommand } from './where-to-look.ts';

describe('What the gateway answers', () => {
  it('names no command, since pages show it to people who type none', () => {
    const folder = join(packageRoot(), 'gateway');
    const named = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .flatMap((name) =>
        readFileSync(join(folder, name), 'utf8')
          .split('\n')
          .filter((line) => /`countersign [a-z]/.test(line) && !/^\s*(\*|\/\/|\/\*)/.test(line))
          .map((line) => `${name}: ${line.trim()}`),
      );
    expect(named).toEqual([]);
  });

  it('comes with the command that leads on at the command line', () => {
    expect(withCommand('There is no run "nosuch".')).toBe(
      'There is no run "nosuch". See the runs with `countersign runs`.',
    );
    expect(withCommand('A run for the same is live already: 01a2.')).toBe(
      'A run for the same is live already: 01a2. Look at it with `countersign show 01a2`.',
    );
    expect(withCommand('The ticket has no file.')).toBe('The ticket has no file.');
  });
});
