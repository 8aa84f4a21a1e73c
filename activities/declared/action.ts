/** A declared action as one like those in TypeScript: nobody downstream can tell. */
import type { TObject } from 'typebox';
import type { ActionDescription } from '../../plan/catalogue.ts';
import type { CompiledAction } from '../../plan/declared.ts';
import { defined, unlessEmpty } from '../../plan/defined.ts';
import type { JsonObject } from '../../plan/plan.ts';
import type { Action, ActionContext, Preview } from '../kit/define-action.ts';
import { lookingFirst } from '../kit/looks-first.ts';
import { DeclaredAttempt, type Standing } from './attempt.ts';
import type { DeclaredClient } from './client.ts';
import { scalarText } from './computing.ts';
import { Absence } from './looking.ts';

type Context = ActionContext<DeclaredClient>;

export function declaredAction(compiled: CompiledAction, description: ActionDescription): Action {
  const { action } = compiled;
  const {
    name,
    title,
    description: text,
    effect,
    delivery,
    source,
    undo,
    examples,
    declared,
    pick,
  } = description;
  const attempt = (input: unknown, context: Context) =>
    new DeclaredAttempt(compiled, input as JsonObject, context);
  const run = (input: unknown, context: Context) => attempt(input, context).run();
  const definition = {
    name,
    title,
    description: text,
    effect,
    delivery,
    source,
    input: action.input as unknown as TObject,
    output: action.output as unknown as TObject,
    sensitive: action.sensitive,
    ...defined({ undo, declared, pick }),
    examples,
    run: action.change ? lookingFirst(run) : run,
    ...(action.change
      ? {
          preview: (input: unknown, context: Context) => previewOf(attempt(input, context), title),
          ...(canVerify(compiled)
            ? { verify: (input: unknown, context: Context) => verified(attempt(input, context)) }
            : {}),
        }
      : {}),
  };
  return definition as unknown as Action;
}

function canVerify({ action: { looks, mark, want, already } }: CompiledAction): boolean {
  const gone = looks.some((look) => [look.absent, look.none].some((absent) => absent?.means === 'already'));
  return (
    gone || want !== undefined || already !== undefined || mark?.list !== undefined || mark?.of !== undefined
  );
}

async function verified(attempt: DeclaredAttempt): Promise<boolean> {
  try {
    const { done, marked, computing } = await attempt.look();
    if (done || marked !== undefined) return true;
    // What the action leaves alone it has not failed to do.
    const { stops, skip } = attempt.refusals(computing);
    return skip !== undefined && stops.length === 0;
  } catch (error) {
    if (error instanceof Absence && error.means !== 'retry') return false;
    throw error instanceof Absence ? error.failure() : error;
  }
}

/** Sends only what reads. */
async function previewOf(attempt: DeclaredAttempt, title: string): Promise<Preview> {
  let standing: Standing;
  try {
    standing = await attempt.look();
  } catch (error) {
    if (!(error instanceof Absence)) throw error;
    const would = `would ${lowerFirst(title)}`;
    if (error.means === 'retry') return { summary: `${would}, once it is there` };
    return { summary: would, problems: [error.message] };
  }
  const { computing, done, marked, gone } = standing;
  const { say } = attempt.action;
  if (done || marked) {
    const is = gone ?? (say?.is === undefined ? 'it is so already' : computing.text(say.is));
    return { summary: is, nothingToDo: true };
  }
  const { stops, skip } = attempt.refusals(computing);
  if (skip !== undefined && stops.length === 0) return { summary: skip, nothingToDo: true };
  const clause = say?.would === undefined ? lowerFirst(title) : computing.text(say.would);
  return { summary: `would ${clause}${differences(standing)}`, ...defined({ problems: unlessEmpty(stops) }) };
}

function differences({ wanted, before }: Standing): string {
  const parts = Object.entries(wanted).map(([name, to]) => {
    const was = before[name];
    return `${name}: ${was === undefined || was === null ? 'nothing' : scalarText(was)} -> ${to === null ? 'nothing' : scalarText(to)}`;
  });
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
