/**
 * The CEL library: its parser for all, its evaluation for runs begun by an engine before version 3, which must compute
 * again what they computed then. Kept light, since it is bundled into the workflow.
 */
import { type ASTNode, Environment, EvaluationError, Optional } from '@marcbachmann/cel-js';
import { errorText } from '../../plan/error-text.ts';
import { functions } from './functions.ts';

let environment: Environment | undefined;

/** The syntax tree; a `ParseError` when there is none. */
export function parseAst(source: string): ASTNode {
  environment ??= formerEnvironment();
  return environment.parse(source).ast;
}

/** Computes as engine 2 did, whatever the specification says of it. */
export function formerEvaluator(source: string): (variables: Record<string, unknown>) => unknown {
  environment ??= formerEnvironment();
  return environment.parse(source);
}

/** Every name is dynamic, whole numbers and fractions mix, and Countersign's functions are there. */
function formerEnvironment(): Environment {
  const made = new Environment({
    unlistedVariablesAreDyn: true,
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
  });
  for (const { signatures, run } of functions) {
    for (const signature of signatures) made.registerFunction(signature, reported(run));
  }
  made.registerFunction('default(ast, ast): dyn', defaultMacro);
  // The compiler writes this after a field that may be null, so that null and absent are the same to an author.
  made.registerFunction('optional.nonNull(): optional<dyn>', (value: Optional) =>
    value.hasValue() && value.value() === null ? Optional.none() : value,
  );
  registerMixedNumbers(made);
  return made;
}

function registerMixedNumbers(environment: Environment): void {
  const operations: [string, (a: number, b: number) => number][] = [
    ['+', (a, b) => a + b],
    ['-', (a, b) => a - b],
    ['*', (a, b) => a * b],
    ['/', (a, b) => a / b],
  ];
  for (const [operator, compute] of operations) {
    const mixed = (a: bigint | number, b: bigint | number) => compute(Number(a), Number(b));
    environment.registerOperator(`int ${operator} double: double`, mixed);
    environment.registerOperator(`double ${operator} int: double`, mixed);
  }
}

/** A function's own refusal, such as "is no date", becomes an error of the expression. */
function reported(run: (...values: never[]) => unknown): (...values: never[]) => unknown {
  return (...values) => {
    try {
      return run(...values);
    } catch (error) {
      const message = errorText(error);
      throw new EvaluationError({ code: 'function_failed', message });
    }
  };
}

interface MacroParts {
  args: unknown[];
}

interface Macro {
  value: unknown;
  fallback: unknown;
}

interface Evaluator {
  run(node: unknown, context: unknown): unknown;
}

interface Checker {
  check(node: unknown, context: unknown): unknown;
  getType(name: string): unknown;
}

/** `default(value, fallback)`: a macro, because a value that is not there must not fail before the fallback is looked at. */
function defaultMacro({ args: [value, fallback] }: MacroParts) {
  return {
    value,
    fallback,
    async: false,
    typeCheck(checker: Checker, macro: Macro, context: unknown) {
      checker.check(macro.value, context);
      checker.check(macro.fallback, context);
      return checker.getType('dyn');
    },
    evaluate(evaluator: Evaluator, macro: Macro, context: unknown) {
      const found = valueOrNothing(() => evaluator.run(macro.value, context));
      return found === undefined || found === null ? evaluator.run(macro.fallback, context) : found;
    },
  };
}

function valueOrNothing(compute: () => unknown): unknown {
  try {
    const value = compute();
    if (!(value instanceof Optional)) return value;
    return value.hasValue() ? value.value() : undefined;
  } catch (error) {
    const code = error instanceof EvaluationError ? error.code : undefined;
    if (code === 'no_such_key' || code === 'index_out_of_bounds') return undefined;
    throw error;
  }
}
