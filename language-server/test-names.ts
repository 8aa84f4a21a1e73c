/** Steps and inputs as tests name them: a runbook that is renamed in takes its tests along. */

import { childOf, entryOf, type Node, textOf } from '../compiler/source/tree.ts';
import { allSteps, bare, entriesOf, type Occurrence } from './occurrence.ts';
import { readTree, type Workspace } from './workspace.ts';

/** Keys of an expectation whose own keys are steps, and those that list steps. */
const byStep = ['steps', 'calls', 'failures', 'rounds', 'called'];
const listsOfSteps = ['path', 'notCalled', 'waitsFor'];
const stepEvents = ['approve', 'reject', 'reassign', 'complete', 'retry', 'skip', 'when'];

export function namesInTests(workspace: Workspace): Occurrence[] {
  return workspace.tests().flatMap(({ path, text, beside }) => {
    const { root } = readTree(path, text);
    const tested = textOf(childOf(root, 'runbook'));
    const of = tested === undefined ? beside : workspace.fileOf(tested);
    return of === undefined ? [] : new TestFileNames(workspace, path, of).read(root);
  });
}

class TestFileNames {
  private readonly found: Occurrence[] = [];
  private readonly workspace: Workspace;
  private readonly file: string;
  private readonly of: string;

  constructor(workspace: Workspace, file: string, of: string) {
    this.workspace = workspace;
    this.file = file;
    this.of = of;
  }

  read(root: Node | undefined): Occurrence[] {
    this.common(childOf(root, 'defaults'));
    for (const test of itemsOf(childOf(root, 'tests'))) {
      this.common(test);
      for (const event of itemsOf(childOf(test, 'events'))) {
        for (const key of stepEvents) this.step(childOf(event, key));
        this.inputs(childOf(event, 'amend'));
      }
      const expect = childOf(test, 'expect');
      for (const key of byStep)
        for (const entry of entriesOf(childOf(expect, key))) this.path(entry.key, entry.keyRange);
      for (const key of listsOfSteps) for (const item of itemsOf(childOf(expect, key))) this.step(item);
    }
    return this.found;
  }

  private common(node: Node | undefined): void {
    this.inputs(childOf(node, 'inputs'));
    for (const { key, keyRange } of entriesOf(childOf(node, 'actions'))) this.path(key, keyRange);
  }

  private inputs(node: Node | undefined): void {
    for (const { key, keyRange } of entriesOf(node))
      this.found.push({
        kind: 'input',
        name: key,
        of: this.of,
        file: this.file,
        defines: false,
        ...bare(keyRange, key),
      });
  }

  private step(node: Node | undefined): void {
    const path = textOf(node);
    if (node && path !== undefined) this.path(path, node);
  }

  /** `send.mail[2].undo`: each name before the last is a step that calls a runbook, or one around it. */
  private path(path: string, range: { start: number; end: number }): void {
    if (this.workspace.catalogue.has(path)) return;
    const { start } = bare(range, path);
    let of: string | undefined = this.of;
    for (const { 0: part, index } of path.matchAll(/[^.]+/g)) {
      const [name = ''] = /^\w+/.exec(part) ?? [];
      if (of === undefined) return;
      const { root } = this.workspace.tree(of);
      const step = allSteps(root).find((each) => textOf(entryOf(each, 'id')?.value) === name);
      if (!step) return;
      this.found.push({
        kind: 'step',
        name,
        of,
        file: this.file,
        defines: false,
        start: start + index,
        end: start + index + name.length,
      });
      const called = textOf(entryOf(step, 'runbook')?.value);
      of = called === undefined ? undefined : this.workspace.fileOf(called);
    }
  }
}

function itemsOf(node: Node | undefined): Node[] {
  return node?.kind === 'list' ? node.items : [];
}
