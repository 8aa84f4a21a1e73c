/** Finds every step before the first is read: its id, its line and what is around it. */

import { defined } from '../../plan/defined.ts';
import { stepKinds } from '../../plan/step-kinds/registry.ts';
import type { InnerSteps } from '../../plan/step-kinds/step-kind.ts';
import * as flowCodes from '../diagnostics/registry/flow.ts';
import * as references from '../diagnostics/registry/references.ts';
import type { CompileSession } from '../scope/compile-session.ts';
import type { StepPosition } from '../scope/scope-at.ts';
import { childOf, entryOf, type MapNode, type Node, textOf } from '../source/tree.ts';
import { kindOf } from '../steps/step.ts';

const maxSteps = 2_000;

interface Around {
  path: readonly string[];
  part: StepPosition['part'];
  /** Steps without an id are named after where they stand. */
  prefix: string;
}

/** False when there are too many steps to go on. */
export function findPlaces(root: MapNode, session: CompileSession): boolean {
  const finder = new Finder(session);
  finder.takeNamed(childOf(root, 'steps'));
  finder.takeNamed(childOf(root, 'finally'));
  if (finder.count > maxSteps) {
    const at = entryOf(root, 'steps')?.keyRange ?? root;
    session.report(flowCodes.tooManySteps, at, { count: finder.count });
    return false;
  }
  finder.place(childOf(root, 'steps'), { path: [], part: 'steps', prefix: 'step' });
  finder.place(childOf(root, 'finally'), { path: [], part: 'finally', prefix: 'finally' });
  return true;
}

class Finder {
  count = 0;
  private order = 0;
  private readonly session: CompileSession;
  private readonly named = new Map<string, MapNode>();

  constructor(session: CompileSession) {
    this.session = session;
  }

  /** Ids that authors chose come first, so that none that is made up takes one of them. */
  takeNamed(node: Node | undefined): void {
    for (const step of stepsOf(node)) {
      this.count += 1;
      const entry = entryOf(step, 'id');
      const id = textOf(entry?.value);
      if (entry && id !== undefined && !entry.value.broken) this.takeId(id, entry.value, step);
      for (const { steps } of innerLists(step)) this.takeNamed(steps);
    }
  }

  private takeId(id: string, at: Node, step: MapNode): void {
    // An id that is refused stands all the same, so that what names it is not told that there is no such step.
    const fits = this.session.checkId(at, id, "a step's id", false);
    const first = this.named.get(id);
    if (!first || !fits) {
      this.named.set(id, step);
      return;
    }
    const { file } = this.session.reporter;
    const line = this.session.lineOf(first);
    const related = [{ message: `\`${id}\` first stands here`, file, at: first.start }];
    this.session.report(references.duplicateId, at, { id, line }, { related });
  }

  place(node: Node | undefined, around: Around): void {
    for (const [index, step] of stepsOf(node).entries()) {
      const written = textOf(entryOf(step, 'id')?.value);
      const named = written !== undefined && this.named.get(written) === step;
      const id = named ? written : this.madeUp(`${around.prefix}${index + 1}`);
      this.order += 1;
      const line = this.session.lineOf(step);
      this.session.ids.set(step, id);
      this.session.places.set(id, {
        id,
        named,
        line,
        order: this.order,
        path: around.path,
        part: around.part,
      });
      if (kindOf(step) === 'forEach') this.session.shared.forEachIds.add(id);
      for (const { steps, token } of innerLists(step)) {
        const suffix = token ? (token === 'else' ? `${id}Else` : plainName(token)) : id;
        this.place(steps, {
          path: [...around.path, token ? `${id}:${token}` : id],
          part: around.part,
          prefix: suffix,
        });
      }
    }
  }

  private madeUp(id: string): string {
    let unique = id;
    while (this.named.has(unique) || this.session.places.has(unique)) unique += '_';
    return unique;
  }
}

function plainName(branch: string): string {
  const name = branch.replace(/[^A-Za-z0-9_]/g, '');
  return /^[a-z]/.test(name) ? name : `branch${name}`;
}

export function stepsOf(node: Node | undefined): MapNode[] {
  return node?.kind === 'list' ? node.items.filter((item) => item.kind === 'map') : [];
}

/** Where lists of steps can stand in a step, whatever its kind: one with two kinds is reported later. */
const places = new Map(
  Object.values(stepKinds)
    .flatMap(({ inside }): readonly InnerSteps[] => inside)
    .map((place) => [place.keys.join('.'), place]),
);

/** The lists of steps inside a step, each with its name in the path. */
export function innerLists(step: MapNode): { steps: Node | undefined; token?: string }[] {
  return [...places.values()].flatMap(({ keys, named, token }) => {
    const steps = keys.reduce<Node | undefined>(childOf, step);
    if (!named) return [{ steps, ...defined({ token }) }];
    return steps?.kind === 'map' ? steps.entries.map(({ key, value }) => ({ steps: value, token: key })) : [];
  });
}
