/**
 * Covers against the expressions themselves: whatever change of what a run knows changes what a step behind an approval is
 * called with, some leaf of that approval's cover covers it.
 */

import { describe, expect, it } from '@jest/globals';
import { randomOf } from '../../bench/random.ts';
import { defined } from '../../plan/defined.ts';
import { innerSteps } from '../../plan/inner-steps.ts';
import { covers, fieldPath } from '../../plan/leaf-paths.ts';
import type { Json, JsonObject, Step } from '../../plan/plan.ts';
import { parseAst } from '../expressions/environment.ts';
import { evaluator } from '../expressions/evaluate.ts';
import { plain } from '../expressions/functions.ts';
import { planFrom } from '../testing.ts';
import { analyseGates } from './analyse.ts';
import { coversOf } from './cover.ts';
import { Generator } from './testing.ts';

/** Expressions over a small world, of every form that follows values. */
class Expressions {
  private readonly random: () => number;
  private count = 0;

  constructor(random: () => number) {
    this.random = random;
  }

  private one<T>(...of: T[]): T {
    return of[Math.floor(this.random() * of.length)] as T;
  }

  text(items: readonly string[], depth = 3): string {
    const plainText = [
      ...['inputs.a', 'inputs.b.c', 'ticket.key', 'steps.look.output.name', 'inputs.map["x y"]'],
      ...items.flatMap((item) => [`${item}.name`, `${item}.kind`]),
    ];
    if (depth === 0) return this.one(...plainText);
    const text = () => this.text(items, depth - 1);
    const list = () => this.list(items, depth - 1);
    const item = `i${this.count++}`;
    return this.one(
      () => this.one(...plainText),
      () => `(${text()} + ${text()})`,
      () => `(${this.truth(items, depth - 1)} ? ${text()} : ${text()})`,
      () => `inputs.?b.?d.orValue(${text()})`,
      () => `default(inputs.map[${text()}], ${text()})`,
      () => `join(${list()}.map(${item}, ${this.text([...items, item], depth - 1)}), ",")`,
      () => `upper(${text()})`,
      () => `default(${list()}[0].name, "none")`,
      () => `string(size(${list()}.map(${item}, 1)))`,
      () => `toJson(${list()})`,
    )();
  }

  truth(items: readonly string[], depth: number): string {
    const text = () => this.text(items, Math.max(0, depth - 1));
    const item = `i${this.count++}`;
    return this.one(
      () => `${text()} == ${text()}`,
      () => `has(inputs.b.d)`,
      () => `!(${text()} != ${text()})`,
      () => `size(${this.list(items, Math.max(0, depth - 1))}) > 1`,
      () => `${this.list(items, 0)}.exists(${item}, ${item}.name == ${text()})`,
      () => `${text()} in ["p", "q"]`,
    )();
  }

  list(items: readonly string[], depth: number): string {
    const plainList = ['inputs.list', 'steps.look.output.items'];
    if (depth <= 0) return this.one(...plainList);
    const item = `i${this.count++}`;
    return this.one(
      () => this.one(...plainList),
      () => `${this.list(items, depth - 1)}.filter(${item}, ${this.truth([...items, item], depth - 1)})`,
      () => `(${this.list(items, depth - 1)} + ${this.list(items, depth - 1)})`,
      () => `(${this.truth(items, depth - 1)} ? ${this.list(items, depth - 1)} : ${this.list(items, 0)})`,
    )();
  }
}

function dress(steps: readonly Step[], expressions: Expressions, items: readonly string[]): void {
  for (const step of steps) {
    let inner = items;
    if (step.kind === 'action') {
      step.with = {
        a: { $expr: expressions.text(items) },
        b: { $text: ['x', { $expr: expressions.text(items) }] },
      };
      step.undo = { uses: 'x', with: {}, if: expressions.truth(items, 2) };
    } else if (step.kind === 'forEach') {
      step.items = expressions.list(items, 2);
      step.as = `each_${step.id}`;
      inner = [...items, step.as];
    } else if (step.kind === 'repeat') step.until = expressions.truth(items, 2);
    for (const list of innerSteps(step)) dress(list, expressions, inner);
  }
}

function resultOf(source: string, world: Record<string, unknown>): Json {
  try {
    return plain(evaluator(parseAst(source))(world));
  } catch {
    return 'no value';
  }
}

/** What each step is called with, or decides, by its id: once for every item around it. */
function callsIn(steps: readonly Step[], world: Record<string, unknown>, found = new Map<string, Json[]>()) {
  for (const step of steps) {
    const own: Json[] = [];
    let worlds = [world];
    if (step.kind === 'action') {
      const { a, b } = step.with as { a: { $expr: string }; b: { $text: [string, { $expr: string }] } };
      own.push(...[a.$expr, b.$text[1].$expr, step.undo?.if ?? ''].map((source) => resultOf(source, world)));
    } else if (step.kind === 'forEach') {
      const items = resultOf(step.items, world);
      own.push(items);
      worlds = Array.isArray(items) ? items.map((item) => ({ ...world, [step.as]: item })) : [];
    } else if (step.kind === 'repeat') own.push(resultOf(step.until, world));
    found.set(step.id, [...(found.get(step.id) ?? []), ...own]);
    for (const list of innerSteps(step)) for (const inner of worlds) callsIn(list, inner, found);
  }
  return found;
}

function worldOf(random: () => number): JsonObject {
  const word = () => ['p', 'q', 'a'][Math.floor(random() * 3)] ?? 'p';
  const list = () =>
    Array.from({ length: 1 + Math.floor(random() * 2) }, () => ({ name: word(), kind: word() }));
  return {
    inputs: {
      ...{ a: word(), b: { c: word(), ...defined({ d: random() < 0.5 ? word() : undefined }) } },
      ...{ list: list(), map: { 'x y': word(), p: word(), q: word() } },
    },
    ticket: { key: word() },
    steps: { look: { output: { name: word(), items: list() } } },
  };
}

/** The same world with one value changed, or one item of a list come or gone; and where. */
function changed(world: JsonObject, random: () => number): { world: JsonObject; path: string } {
  const copy = JSON.parse(JSON.stringify(world)) as JsonObject;
  const places: { path: string; change: () => void }[] = [];
  const visit = (value: JsonObject, path: string): void => {
    for (const [key, inner] of Object.entries(value)) {
      const at = path === '' ? key : fieldPath(path, key);
      if (typeof inner === 'string')
        places.push({ path: at, change: () => (value[key] = random() < 0.5 ? 'q' : 'z') });
      else if (Array.isArray(inner)) {
        places.push({
          path: at,
          change: () => void (random() < 0.5 ? inner.pop() : inner.push({ name: 'z', kind: 'q' })),
        });
        for (const [index, item] of inner.entries()) visit(item as JsonObject, `${at}[${index}]`);
      } else visit(inner as JsonObject, at);
    }
  };
  visit(copy, '');
  const place = places[Math.floor(random() * places.length)];
  place?.change();
  return { world: copy, path: place?.path ?? '' };
}

describe('a cover', () => {
  it('holds whatever changes what a step behind its approval is called with', () => {
    let changes = 0;
    for (let seed = 1; seed <= 600; seed++) {
      const random = randomOf(seed);
      const steps = new Generator(seed, true).steps(2);
      dress(steps, new Expressions(random), []);
      const plan = planFrom(steps);
      const covered = coversOf(plan);
      const gated = analyseGates(plan, () => undefined).steps;
      for (let round = 0; round < 12; round++) {
        const before = worldOf(random);
        const { world: after, path } = changed(before, random);
        const [old, now] = [callsIn(steps, before), callsIn(steps, after)];
        for (const { id, gates, afterwards } of gated) {
          if (JSON.stringify(old.get(id)) === JSON.stringify(now.get(id))) continue;
          for (const gate of [...gates, ...afterwards]) {
            changes += 1;
            if (!covered[gate.id]?.some((leaf) => covers(leaf.path, path)))
              throw new Error(`${gate.id} does not cover ${path}, read by ${id}: ${JSON.stringify(steps)}`);
          }
        }
      }
    }
    expect(changes).toBeGreaterThan(1_200);
  });
});
