/** `*.test.yaml` -> test cases, checked against the runbook they test. Pure, and never throws for a bad text. */

import type { Catalogue } from '../../plan/catalogue.ts';
import { defined, unlessEmpty } from '../../plan/defined.ts';
import { innerSteps } from '../../plan/inner-steps.ts';
import { parseDuration, repairDuration } from '../../plan/lexical.ts';
import type { Duration, Json, JsonObject, JsonSchema, Plan, Step } from '../../plan/plan.ts';
import { descriptionOf } from '../../plan/step-descriptions.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import * as forms from '../diagnostics/registry/forms.ts';
import * as structure from '../diagnostics/registry/structure.ts';
import * as codes from '../diagnostics/registry/tests.ts';
import { byPlace, Reporter } from '../diagnostics/reporter.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { typeOfSchema } from '../expressions/from-schema.ts';
import { checkNode } from '../schema/check.ts';
import { parseSource } from '../source/parse.ts';
import { SourceFile, type SourceRange } from '../source/source-file.ts';
import { childOf, jsonOf, type MapNode, type Node, numberOf, textOf } from '../source/tree.ts';
import { type TestNames, withNames } from './names.ts';
import { testFileSchema } from './schema.ts';
import {
  type ActionAnswer,
  type EventKind,
  type Expectation,
  eventKinds,
  stepEvents,
  type TestCase,
  type TestEvent,
  type TestFile,
} from './types.ts';

export interface TestFileOptions {
  path: string;
  text: string;
  /** The runbook in the file beside it, if there is one. */
  beside?: string | undefined;
  plans: readonly Plan[];
  catalogue: Catalogue;
  /** What its texts may name of the organisation. */
  names?: TestNames;
}

/** The tests are there only when nothing is wrong with the file. */
export function readTestFile(options: TestFileOptions): {
  file?: TestFile;
  plan?: Plan;
  diagnostics: Diagnostic[];
} {
  const source = new SourceFile(options.path, options.text);
  const reporter = new Reporter(source);
  const parsed = parseSource(source, reporter, 'A file of tests has `tests:`, a list.');
  const root = parsed.root && withNames(parsed.root, options.names ?? {}, reporter);
  if (root) checkNode(root, testFileSchema, 'a file of tests', { reporter, patterns: true });
  const runbook = textOf(childOf(root, 'runbook')) ?? options.beside ?? '';
  const plan = options.plans.find((each) => each.runbook === runbook);
  if (root && !plan) {
    const known = options.plans.map((each) => each.runbook);
    reporter.report(
      codes.noRunbookToTest,
      childOf(root, 'runbook') ?? { start: 0, end: 0 },
      { name: runbook, known },
      { suggestion: nearest(runbook, known) },
    );
  }
  // What is written in a place where it does not belong cannot be read any further.
  if (!root || !plan || reporter.hasErrors) return ended(reporter);
  const tests = new Reader(source, reporter, plan, options).tests(root);
  if (reporter.hasErrors) return ended(reporter);
  return {
    file: { path: options.path, runbook, tests },
    plan,
    diagnostics: [...reporter.diagnostics].sort(byPlace),
  };
}

function ended(reporter: Reporter): { diagnostics: Diagnostic[] } {
  return { diagnostics: [...reporter.diagnostics].sort(byPlace) };
}

class Reader {
  private readonly source: SourceFile;
  private readonly reporter: Reporter;
  private readonly plan: Plan;
  private readonly catalogue: Catalogue;
  private readonly steps = new Map<string, Step>();

  constructor(source: SourceFile, reporter: Reporter, plan: Plan, options: TestFileOptions) {
    this.source = source;
    this.reporter = reporter;
    this.plan = plan;
    this.catalogue = options.catalogue;
    const byHash = new Map(options.plans.map((each) => [each.hash, each]));
    this.collect([...plan.steps, ...plan.finally], '', byHash);
  }

  private collect(steps: readonly Step[], prefix: string, byHash: ReadonlyMap<string, Plan>): void {
    for (const step of steps) {
      this.steps.set(prefix + step.id, step);
      // What becomes of a later signature that is refused.
      if (step.kind === 'approve' && step.retroactive)
        this.steps.set(`${prefix}${step.id}.review`, reviewTask);
      for (const inner of innerSteps(step)) this.collect(inner, prefix, byHash);
      const called = step.kind === 'runbook' ? byHash.get(step.planHash) : undefined;
      if (called) this.collect([...called.steps, ...called.finally], `${prefix}${step.id}.`, byHash);
    }
  }

  tests(root: Node): TestCase[] {
    const defaults = this.common(childOf(root, 'defaults'));
    return itemsOf(childOf(root, 'tests')).map((node) => {
      const own = this.common(node);
      return {
        ...defaults,
        ...own,
        name: textOf(childOf(node, 'name')) ?? '',
        line: this.source.lineColumn(node.start).line,
        inputs: { ...defaults.inputs, ...own.inputs },
        actions: { ...defaults.actions, ...own.actions },
        events: itemsOf(childOf(node, 'events')).map((event) => this.event(event)),
        expect: this.expectation(childOf(node, 'expect')),
      };
    });
  }

  private common(
    node: Node | undefined,
  ): Pick<TestCase, 'start' | 'inputs' | 'requester' | 'ticket' | 'payload' | 'actions'> {
    const start = textOf(childOf(node, 'start'));
    const requester = textOf(childOf(node, 'requester'));
    const ticket = objectOf(childOf(node, 'ticket'));
    const payloadNode = childOf(node, 'payload');
    const payload = textOf(payloadNode) ?? objectOf(payloadNode);
    return {
      ...defined({ start, requester, ticket, payload }),
      inputs: this.inputs(childOf(node, 'inputs')),
      actions: this.actions(childOf(node, 'actions')),
    };
  }

  private inputs(node: Node | undefined): JsonObject {
    const known = Object.keys(this.plan.inputs);
    for (const { key, keyRange } of entriesOf(node)) {
      if (known.includes(key)) continue;
      const suggestion = nearest(key, known);
      this.reporter.report(codes.unknownTestInput, keyRange, { input: key, known }, { suggestion });
    }
    return objectOf(node) ?? {};
  }

  private actions(node: Node | undefined): Record<string, ActionAnswer[]> {
    const found: Record<string, ActionAnswer[]> = {};
    for (const { key, keyRange, value } of entriesOf(node)) {
      const output = this.outputOf(key, keyRange);
      const answers = value.kind === 'list' ? value.items : [value];
      found[key] = answers.map((answer) => this.answer(answer, output));
    }
    return found;
  }

  /** The schema of what the action of this step, or of this name, gives. */
  private outputOf(key: string, at: SourceRange): JsonSchema | undefined {
    const byName = this.catalogue.get(key);
    if (byName) return byName.output;
    const step = this.step(key, at, [...this.steps.keys()]);
    if (!step) return undefined;
    if (step.kind === 'action') return this.catalogue.get(step.uses)?.output;
    // `window` and the like take what is in them for granted: only actions reach outside.
    const params = { key: 'actions', step: key, takes: 'actions', is: kindText(step) };
    this.reporter.report(codes.eventDoesNotFit, at, params);
    return undefined;
  }

  private answer(node: Node, schema: JsonSchema | undefined): ActionAnswer {
    if (node.kind === 'map' && node.entries.length === 0)
      this.reporter.report(codes.answerSaysNothing, node, {});
    const output = childOf(node, 'output');
    if (output && schema) {
      // A test names only what matters to it; the rest is made up.
      const { required: _, ...partial } = schema;
      checkNode(output, { ...partial, additionalProperties: false }, '`output`', {
        reporter: this.reporter,
        patterns: true,
      });
    }
    const failing = childOf(node, 'fails');
    const failsTimes = numberOf(childOf(failing, 'times'));
    const says = textOf(failing) ?? textOf(childOf(failing, 'says'));
    const fails = says ?? (failsTimes === undefined ? undefined : 'It fails in passing');
    const takes = this.duration(childOf(node, 'takes'), '`takes`');
    const absent = itemsOf(childOf(node, 'absent')).flatMap((item) => this.absent(item, schema));
    return {
      ...defined({ absent: unlessEmpty(absent) }),
      ...defined({ output: output ? (objectOf(output) ?? {}) : undefined, fails, failsTimes, takes }),
    };
  }

  /** A field that the action may leave out: no other can ever be absent. */
  private absent(item: Node, schema: JsonSchema | undefined): string[] {
    const field = textOf(item) ?? '';
    const properties = (schema?.properties ?? {}) as Record<string, JsonSchema>;
    const required = Array.isArray(schema?.required) ? schema.required : [];
    const mayLack = Object.keys(properties).filter((name) => {
      const property = properties[name];
      return !required.includes(name) || (property && typeOfSchema(property).nullable);
    });
    if (!schema || mayLack.includes(field)) return [field];
    const suggestion = nearest(field, mayLack);
    this.reporter.report(codes.neverAbsentField, item, { field, mayLack }, { suggestion });
    return [];
  }

  private event(node: Node): TestEvent {
    const found = entriesOf(node).filter(({ key }) => (eventKinds as readonly string[]).includes(key));
    const [first] = found;
    if (found.length !== 1 || !first) {
      const names = found.map(({ key }) => key);
      this.reporter.report(codes.eventSaysOneThing, first?.keyRange ?? node, {
        found: names,
        known: eventKinds,
      });
    }
    const does = (first?.key ?? 'event') as EventKind;
    const value = textOf(first?.value);
    const after = this.duration(childOf(node, 'after'), '`after`');
    const plain = objectOf(node) ?? {};
    const { by, comment, output, form, with: edited, to, key, data, when, refused } = plain;
    const { for: whose, minutes } = plain;
    if (stepEvents.includes(does) && first) this.checkEventStep(does, value ?? '', first.value);
    const formNode = childOf(node, 'form');
    if (formNode) this.checkFilledIn(does, value ?? '', formNode);
    const whenNode = childOf(node, 'when');
    if (whenNode) this.step(String(when), whenNode, [...this.steps.keys()]);
    if (does === 'amend') this.inputs(first?.value);
    const reason = ['abort', 'pause', 'resume'].includes(does) ? value : undefined;
    return {
      does,
      line: this.source.lineColumn(node.start).line,
      ...defined({ step: stepEvents.includes(does) && value !== undefined ? value : undefined }),
      ...(does === 'event' && value !== undefined ? { event: value, key: String(key ?? '') } : {}),
      ...defined({
        inputs: does === 'amend' ? (objectOf(first?.value) ?? {}) : undefined,
        comment: reason || comment ? String(reason ?? comment) : undefined,
        by: by === undefined ? undefined : String(by),
      }),
      ...(whose === undefined ? {} : { for: String(whose), minutes: String(minutes ?? '') }),
      ...defined({
        output: output === undefined ? undefined : (output as JsonObject),
        form: form === undefined ? undefined : (form as JsonObject),
        with: edited === undefined ? undefined : (edited as JsonObject),
        to: to === undefined ? undefined : (to as string[]),
        data: data === undefined ? undefined : (data as JsonObject),
        when: when === undefined ? undefined : String(when),
        after,
        refused: refused === true ? true : undefined,
      }),
    };
  }

  /** Only an approval with a form takes one, and only the fields that it has. */
  private checkFilledIn(does: EventKind, id: string, form: Node): void {
    const step = this.steps.get(id.replace(/\[\d+\]/g, ''));
    const fields = does === 'approve' && step?.kind === 'approve' ? step.form : undefined;
    if (!fields) {
      const is = does === 'approve' ? 'an approval that asks for nothing to be filled in' : `\`${does}\``;
      const params = { key: 'form', step: id || does, takes: 'approvals with a `form`', is };
      this.reporter.report(codes.eventDoesNotFit, form, params);
      return;
    }
    // Whether the values fit is looked at when it is rehearsed: a test may show that they are refused.
    const properties = Object.fromEntries(Object.keys(fields).map((name) => [name, {}]));
    const schema = { type: 'object', properties, additionalProperties: false };
    checkNode(form, schema, '`form`', { reporter: this.reporter, patterns: true });
  }

  private checkEventStep(does: EventKind, id: string, at: Node): void {
    const isGate = does === 'approve' || does === 'reject' || does === 'reassign';
    const gates = [...this.steps].filter(([, step]) => step.kind === 'approve').map(([name]) => name);
    const step = this.step(id, at, isGate ? gates : [...this.steps.keys()]);
    if (isGate && step && step.kind !== 'approve')
      this.reporter.report(codes.eventDoesNotFit, at, {
        key: does,
        step: id,
        takes: 'approvals',
        is: kindText(step),
      });
  }

  private step(id: string, at: SourceRange, known: string[]): Step | undefined {
    const step = this.steps.get(id.replace(/\[\d+\]/g, '').replace(/\.undo$/, ''));
    if (!step)
      this.reporter.report(
        codes.unknownTestStep,
        at,
        { step: id, known },
        { suggestion: nearest(id, known) },
      );
    return step;
  }

  private expectation(node: Node | undefined): Expectation {
    for (const key of ['path', 'waitsFor'] as const)
      for (const item of itemsOf(childOf(node, key))) this.step(textOf(item) ?? '', item, this.names());
    for (const key of ['steps', 'failures'] as const)
      for (const entry of entriesOf(childOf(node, key))) this.step(entry.key, entry.keyRange, this.names());
    for (const { key, keyRange, value } of entriesOf(childOf(node, 'calls'))) this.call(key, keyRange, value);
    for (const { key, keyRange } of entriesOf(childOf(node, 'rounds'))) this.rounds(key, keyRange);
    for (const { key, keyRange } of entriesOf(childOf(node, 'outputs'))) this.output(key, keyRange);
    for (const { key, keyRange } of entriesOf(childOf(node, 'called')))
      if (!this.catalogue.has(key)) this.step(key, keyRange, this.names());
    for (const item of itemsOf(childOf(node, 'notCalled')))
      if (!this.catalogue.has(textOf(item) ?? '')) this.step(textOf(item) ?? '', item, this.names());
    const { takes: _, ...plain } = objectOf(node) ?? {};
    const takes = this.takes(childOf(node, 'takes'));
    const waits = Array.isArray(plain.waitsFor) && plain.waitsFor.length > 0;
    return {
      status: waits ? 'waiting' : 'succeeded',
      ...(plain as Partial<Expectation>),
      ...defined({ takes }),
    };
  }

  /** What no call can have is no part of one: that it is missing would show nothing. */
  private call(id: string, at: SourceRange, part: Node): void {
    const step = this.step(id, at, this.names());
    const action = /\.undo$/.test(id) || step?.kind !== 'action' ? undefined : this.catalogue.get(step.uses);
    const { properties, additionalProperties } = action?.input ?? {};
    if (!action || !properties || additionalProperties !== false) return;
    const known = Object.keys(properties);
    for (const { key, keyRange } of entriesOf(part))
      if (!known.includes(key))
        this.reporter.report(
          structure.unknownKey,
          keyRange,
          { key, where: `a call of ${action.name}`, known, belongs: undefined },
          { suggestion: nearest(key, known) },
        );
  }

  private rounds(id: string, at: SourceRange): void {
    const repeats = [...this.steps].filter(([, step]) => step.kind === 'repeat').map(([name]) => name);
    const step = this.step(id, at, repeats);
    if (!step || step.kind === 'repeat') return;
    const params = { key: 'rounds', step: id, takes: 'a `repeat`', is: kindText(step) };
    this.reporter.report(codes.eventDoesNotFit, at, params);
  }

  private output(name: string, at: SourceRange): void {
    const known = Object.keys(this.plan.outputs);
    if (known.includes(name)) return;
    const suggestion = nearest(name, known);
    this.reporter.report(codes.unknownTestOutput, at, { output: name, known }, { suggestion });
  }

  private names(): string[] {
    return [...this.steps.keys()];
  }

  private takes(node: Node | undefined): Expectation['takes'] {
    if (!node) return undefined;
    if (node.kind !== 'map') {
      const exact = this.duration(node, '`takes`');
      return exact ? { atLeast: exact, atMost: exact } : undefined;
    }
    const atLeast = this.duration(childOf(node, 'atLeast'), '`atLeast`');
    const atMost = this.duration(childOf(node, 'atMost'), '`atMost`');
    return { ...defined({ atLeast, atMost }) };
  }

  private duration(node: Node | undefined, where: string): Duration | undefined {
    const text = textOf(node);
    if (!node || text === undefined) return undefined;
    // A run that takes no time at all is worth expecting.
    const duration = text.trim() === '0s' ? { ms: 0 } : parseDuration(text);
    if (!duration)
      this.reporter.report(
        forms.badDuration,
        node,
        { where, value: text },
        { suggestion: repairDuration(text) },
      );
    return duration;
  }
}

/** Opened by the engine: only that it is a task matters here. */
const reviewTask: Step = { id: 'review', kind: 'task', to: '', instructions: '', form: {} };

function kindText(step: Step): string {
  if (step.kind === 'action') return `the action ${step.uses}`;
  return descriptionOf(step).words;
}

function itemsOf(node: Node | undefined): readonly Node[] {
  return node?.kind === 'list' ? node.items : [];
}

function entriesOf(node: Node | undefined): MapNode['entries'] {
  return node?.kind === 'map' ? node.entries : [];
}

function objectOf(node: Node | undefined): JsonObject | undefined {
  return node?.kind === 'map' ? (jsonOf(node) as Json as JsonObject) : undefined;
}
