import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { packagedActions } from '../cli/project.ts';
import { compile } from '../compiler/compile.ts';
import type { SeenExpression } from '../compiler/scope/compile-session.ts';
import { packageRoot } from '../store/package-root.ts';
import { applied, format } from './format.ts';

const layOut = (text: string, expressions: readonly SeenExpression[] = []) =>
  applied(text, format(text, expressions));

const root = packageRoot();
const library = readdirSync(join(root, 'runbooks'), { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => ({
    path: join('runbooks', name),
    text: readFileSync(join(root, 'runbooks', name), 'utf8'),
  }));
const configuration = {
  path: 'countersign.yaml',
  text: readFileSync(join(root, 'countersign.yaml'), 'utf8'),
};
const dataFile = (path: string, encoding?: 'base64') => readFileSync(join(root, path), encoding ?? 'utf8');

/** By name, what each compiles to, without where in the file it stands. */
function hashes(files: typeof library): Map<string, string> {
  const runbooks = files.filter(({ path }) => !path.endsWith('.test.yaml'));
  const { plans } = compile({ files: runbooks, configuration, catalogue: packagedActions(), dataFile });
  return new Map(plans.map(({ runbook, hash }) => [runbook, hash]));
}

function expressionsOf(file: { path: string; text: string }): SeenExpression[] {
  const found: SeenExpression[] = [];
  compile({ files: [file], catalogue: packagedActions(), observe: (seen) => found.push(seen) });
  return found;
}

describe('formatting', () => {
  it('indents by two, puts one space behind colons, dashes and inside braces, and keeps words, comments and empty lines', () => {
    const text = `# The first.
runbook:   x   # its name


inputs:
    # Of the one who asks.
    who:   { type:   string }
on:
- manual:
    by: [ role:cab,
      role:board ]
steps:
-   id: a
    # Before the action.
    uses: entra.getUser
    with:
          user:  "\${{inputs.who}}"   
          note: |
              First
                further in

              last   
    # Behind it.
-   id: b
    title: A long
      title that goes on
    description: >-
        Folded
        text
  # Nothing follows.

`;
    const formatted = `# The first.
runbook: x   # its name


inputs:
  # Of the one who asks.
  who: { type:   string }
on:
  - manual:
      by: [ role:cab,
        role:board ]
steps:
  - id: a
    # Before the action.
    uses: entra.getUser
    with:
      user: "\${{ inputs.who }}"
      note: |
        First
          further in

        last   
    # Behind it.
  - id: b
    title: A long
      title that goes on
    description: >-
      Folded
      text
    # Nothing follows.
`;
    const expressions = expressionsOf({ path: 'x.yaml', text });
    expect(layOut(text, expressions)).toBe(formatted);
    expect(layOut(formatted)).toBe(formatted);
  });

  it('indents lists and maps in brackets by how many are open', () => {
    const text =
      'a:\n  [\n   { b: 1,\n  c: [\n 2\n ] },\n     "d\n e" # Last.\n      ]\nf: [{\n      g: 1\n }]\n';
    const formatted =
      'a:\n  [\n    { b: 1,\n      c: [\n        2\n        ] },\n    "d\n    e" # Last.\n  ]\nf: [{\n  g: 1\n  }]\n';
    expect(layOut(text)).toBe(formatted);
    expect(layOut(formatted)).toBe(formatted);
  });

  it.each([
    ['half a key', 'steps:\n  - id: a\n    us'],
    ['an open bracket', 'inputs: { who: { type: string }\nsteps:\n    - id: a'],
    ['an open quote', 'title: "New\nsteps:\n    - id: a\n'],
    ['tabs', 'steps:\n\t- id: a\n'],
    ['an expression that breaks the YAML', 'steps:\n    - with: { a: ${{ inputs.b }} }\n'],
    ['several documents', 'a:   1\n---\nb:   2\n'],
    ['an explicit key', '? a\n:   b\n'],
    ['aliases that grow without an end', `a: &a [x]\n${'b: &b [*a, *a]\n'.repeat(1)}c:   [*b, *d]\n`],
    ['nothing', ''],
    ['a nest too deep to read', `${'['.repeat(20_000)}\n`],
  ])('leaves %s as it is, or changes nothing that is said', (_, text) => {
    const after = layOut(text);
    expect(after.replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
    expect(layOut(after)).toBe(after);
  });

  it.each([
    [
      'keeps the line breaks that the file has',
      'a:   1\r\nb:\r\n- x\r\n- |\r\n    t\r\n',
      'a: 1\r\nb:\r\n  - x\r\n  - |\r\n    t\r\n',
    ],
    ['leaves a byte-order mark', '\uFEFFa:   1', '\uFEFFa: 1\n'],
    ['keeps empty lines that are part of a text', 'a:\n    b: |+\n      x\n\n', 'a:\n  b: |+\n    x\n\n'],
    ['leaves a text alone that says how far it is indented', 'a: |2\n    x\n', 'a: |2\n    x\n'],
    ['ends the file with one line break', 'a: 1\n\n \n', 'a: 1\n'],
    ['does not end a text that has no end', 'a: |\n  x', 'a: |\n  x'],
    ['moves lists in lists', '-  - a\n   - b\n-  c\n', '- - a\n  - b\n- c\n'],
    ['moves anchors with what they name', 'a:   &x\n    b: 1\nc:   *x\n', 'a: &x\n  b: 1\nc: *x\n'],
  ])('%s', (_, text, formatted) => {
    expect(layOut(text)).toBe(formatted);
    expect(layOut(formatted)).toBe(formatted);
  });

  it('lays out what is large, and leaves alone what is larger than any runbook', () => {
    const step = '-   uses: entra.getUser\n    with:   { user: a }\n';
    expect(layOut(`steps:\n${step.repeat(4_000)}`)).toBe(
      `steps:\n${'  - uses: entra.getUser\n    with: { user: a }\n'.repeat(4_000)}`,
    );
    const larger = `steps:\n${step.repeat(6_000)}`;
    expect(layOut(larger)).toBe(larger);
  });
});

describe('formatting the library', () => {
  it('changes no plan, and a second time nothing', () => {
    const before = hashes(library);
    expect(before.size).toBeGreaterThan(30);
    const after = library.map((file) => ({ ...file, text: layOut(file.text, expressionsOf(file)) }));
    expect(hashes(after)).toEqual(before);
    for (const file of after)
      expect([file.path, format(file.text, expressionsOf(file))]).toEqual([file.path, []]);
  });

  it('undoes whatever was done to the indentation, spacing and line breaks of a runbook', () => {
    const runbooks = library.filter(({ text }) => text.length < 8_000);
    fc.assert(
      fc.property(
        fc.constantFrom(...runbooks),
        fc.integer({ min: 1, max: 3 }),
        fc.boolean(),
        fc.infiniteStream(fc.nat(3)),
        ({ text }, times, windows, noise) => {
          const formatted = layOut(text);
          const messy = mess(formatted, times, noise);
          const ending = (each: string) => (windows ? each.replaceAll('\n', '\r\n') : each);
          expect(layOut(ending(messy))).toBe(ending(formatted));
        },
      ),
      { numRuns: 10 },
    );
  });
});

/** Each level further in, and spaces at the ends of lines that are part of no text. */
function mess(text: string, times: number, noise: Iterator<number>): string {
  let body = -1;
  let first = -1;
  return text
    .split('\n')
    .map((line) => {
      const depth = /^ */.exec(line)?.[0].length ?? 0;
      if (body >= 0 && line.trim() !== '' && depth <= body) body = -1;
      const inBody = body >= 0;
      if (inBody && first < 0) first = depth;
      if (!inBody && /(?:^|[:-] +)[|>][-+]?$/.test(line)) [body, first] = [depth, -1];
      const dashes = inBody ? '' : (/^(?:- )+(?=\S)/.exec(line.slice(depth))?.[0] ?? '');
      const wider = dashes.replaceAll('- ', `-${' '.repeat(2 * times - 1)}`);
      // What stands further in within a text stands so much further in, and no more.
      const indent = inBody ? first * times + depth - first : depth * times;
      const wide = ' '.repeat(indent) + wider + line.slice(depth + dashes.length);
      return inBody || line.trim() === ''
        ? line.trim() === ''
          ? ''
          : wide
        : wide + ' '.repeat(noise.next().value ?? 0);
    })
    .join('\n');
}
