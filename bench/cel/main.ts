/**
 * `npm run -s bench cel`: asks the CEL specification's conformance data of the checker and of the engine's evaluation.
 *
 * For each section: how many cases give what the specification says, how many the checker refuses before any run, and how
 * many give something else. `--differences` names those. A refusal is the checker's word to the author; a difference would
 * be a run that computes what its author did not mean.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Optional } from '@marcbachmann/cel-js';
import { Checker } from '../../compiler/expressions/check.ts';
import { parseAst } from '../../compiler/expressions/environment.ts';
import { evaluator } from '../../compiler/expressions/evaluate.ts';
import { parseExpression } from '../../compiler/expressions/parse.ts';
import type { Scope } from '../../compiler/expressions/scope.ts';
import { type Row, report } from '../report.ts';
import { type Case, casesOf } from './cases.ts';

const version = 'v0.26.0';

/** Where this product means to differ, and why. */
const onPurpose = new Map([
  [
    'optionals/map_null_entry_no_such_key',
    'what is below null is absent, like what is below nothing: ticket systems send null for an empty field',
  ],
]);

type Outcome = { kind: 'same' | 'refused' | 'beyond' | 'meant' } | { kind: 'differs'; got: string };

function dataFolder(): string {
  const found = execFileSync('go', ['mod', 'download', '-json', `cel.dev/expr@${version}`], {
    encoding: 'utf8',
  });
  return join((JSON.parse(found) as { Dir: string }).Dir, 'tests', 'simple', 'testdata');
}

function scopeOf({ names }: Case): Scope {
  return {
    names,
    lets: new Map(),
    facts: new Set(),
    findStep: () => ({ problem: { kind: 'unknown', known: [] } }),
    stepNames: () => [],
    need: () => {},
    useTicket: () => {},
    useInput: () => {},
  };
}

function ask(asked: Case): Outcome {
  if (asked.beyond !== undefined) return { kind: 'beyond' };
  let refused = false;
  const refuse = () => {
    refused = true;
  };
  const ast = parseExpression(asked.expression, refuse);
  if (!ast) return { kind: 'refused' };
  const checker = new Checker(asked.expression, scopeOf(asked), refuse);
  const type = checker.check(ast);
  if (refused) return { kind: 'refused' };
  const { expected } = asked;
  try {
    const got = evaluator(parseAst(checker.edits.apply(asked.expression)))(asked.variables);
    if ('value' in expected && isSame(present(got), expected.value)) return { kind: 'same' };
    if (onPurpose.has(asked.name)) return { kind: 'meant' };
    // What is missing is not an error here but absent, and the checker makes the author say what then.
    if ('error' in expected && type.kind === 'optional' && present(got) === undefined)
      return { kind: 'refused' };
    return { kind: 'differs', got: shown(got) };
  } catch (error) {
    if ('error' in expected) return { kind: 'same' };
    return { kind: 'differs', got: `error: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function present(value: unknown): unknown {
  if (!(value instanceof Optional)) return value;
  return value.hasValue() ? value.value() : undefined;
}

function isSame(got: unknown, expected: unknown): boolean {
  if (typeof got !== typeof expected) return false;
  if (typeof got === 'number') return Object.is(got, expected) || got === expected;
  if (typeof got !== 'object' || got === null || typeof expected !== 'object' || expected === null)
    return got === expected;
  const [a, b] = [Object.entries(got), Object.entries(expected)];
  return (
    Array.isArray(got) === Array.isArray(expected) &&
    a.length === b.length &&
    a.every(
      ([key, value]) =>
        Object.hasOwn(expected, key) && isSame(value, (expected as Record<string, unknown>)[key]),
    )
  );
}

function shown(value: unknown): string {
  return (
    JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item)) ?? 'nothing'
  );
}

function measure(folder: string, file: string, namesDifferences: boolean): Row | undefined {
  const counts = { same: 0, refused: 0, differs: 0, beyond: 0, meant: 0 };
  const section = file.replace('.textproto', '');
  for (const asked of casesOf(readFileSync(join(folder, file), 'utf8'))) {
    const outcome = ask(asked);
    counts[outcome.kind] += 1;
    if (outcome.kind === 'differs' && namesDifferences)
      console.log(
        `  ${section}/${asked.name}: ${asked.expression} gives ${outcome.got}, expected ${shown(asked.expected)}`,
      );
  }
  const { same, refused, differs, beyond, meant } = counts;
  const asked = same + refused + differs + meant;
  if (asked === 0) return undefined;
  const share = Math.round((1000 * same) / asked) / 10;
  console.log(
    `${section.padEnd(16)} ${`${share}%`.padStart(6)} as specified: ${same} of ${asked}, ${refused} refused by the checker, ${differs} different, ${meant} different on purpose; ${beyond} not asked`,
  );
  return {
    what: `${section}: different and not refused`,
    value: differs,
    unit: 'cases',
    limit: 0,
    limitIs: 'at most',
  };
}

const folder = dataFolder();
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.textproto'))
  .sort();
const namesDifferences = process.argv.includes('--differences');
console.log(`cel.dev/expr ${version}, tests/simple/testdata`);
report(
  'cel',
  files.map((file) => measure(folder, file, namesDifferences)).filter((row) => row !== undefined),
);
