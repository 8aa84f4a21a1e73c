/** The house in order: what an addition touches, and the shape of the code. `npm run -s house` prints the same in figures. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
// @ts-expect-error: a script without types.
import { additions, filesOf, mistakesWith } from '../../scripts/house/examples.mjs';
// @ts-expect-error: a script without types.
import { circles, functionsOf, silentDefaultsOf } from '../../scripts/house/shape.mjs';
// @ts-expect-error: a script without types.
import { parsed, sourceFiles } from '../../scripts/house/sources.mjs';
import { packageRoot } from '../../store/package-root.ts';

interface Addition {
  name: string;
  folder: string;
  most: number;
}

const root = packageRoot();
const all = additions as Addition[];
const files = (sourceFiles(root) as string[]).map((file) => parsed(root, file));

describe('An addition', () => {
  it.each(all)('of $name touches no more files than it may', ({ folder, most }) => {
    expect(filesOf(root, folder).length).toBeLessThanOrEqual(most);
  });

  it('of every kind compiles with these files alone', () => {
    expect(mistakesWith(root)).toEqual([]);
  });

  it('of which a part was forgotten does not compile', () => {
    const forgotten = ['compiler/steps/note.ts', 'workflows/steps/note.ts'];
    const lists = ['compiler/steps/registry.ts', 'workflows/steps/registry.ts'];
    const mistakes = (mistakesWith(root, forgotten, lists) as string[]).join('\n');
    for (const file of lists) expect(mistakes).toMatch(new RegExp(`${file}.*'note' is missing`));
  });

  it.each(all)('of $name is described to whoever makes one, file by file', ({ name, folder }) => {
    const page = readFileSync(join(root, 'docs', 'contributing.md'), 'utf8');
    const section = new RegExp(`### To add ${name}\n([^#]*)`).exec(page)?.[1] ?? '';
    const told = [...section.matchAll(/^\d+\. `([^`]+)`/gm)].map(([, path]) => path);
    expect(told.sort()).toEqual((filesOf(root, folder) as string[]).map(generalised).sort());
  });
});

/** The path of an example's file as the page writes it: with NAME for what is chosen. */
function generalised(path: string): string {
  return path
    .replace(/(note|count-licenses|banner|owners)(?=\.(test\.)?ts$)/, 'NAME')
    .replace('activities/entra/', 'activities/CONNECTOR/')
    .replace(/^gateway\/NAME\.ts$/, 'FOLDER/READER.ts');
}

describe('The code', () => {
  const functions = files.flatMap(functionsOf) as { at: string; lines: number; parameters: number }[];

  it('has no function over 80 lines, and none that takes more than five positional parameters', () => {
    const wrong = functions.filter(({ lines, parameters }) => lines > 80 || parameters > 5);
    expect(wrong).toEqual([]);
  });

  it('has no switch over a kind that passes over a case which is added later', () => {
    expect(files.flatMap(silentDefaultsOf)).toEqual([]);
  });

  it('has no files that import each other in a circle, by what they run or by its types', () => {
    expect(circles(files, false)).toEqual([]);
    expect(circles(files, true)).toEqual([]);
  });
});
