/** The syntax tree of an expression that has been checked. Light enough for the workflow's bundle. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { runtimeEnvironment } from './environment.ts';

let environment: ReturnType<typeof runtimeEnvironment> | undefined;

/** Undefined when it cannot be read, which the compiler reports where it is written. */
export function astOf(source: string): ASTNode | undefined {
  environment ??= runtimeEnvironment();
  try {
    return environment.parse(source).ast;
  } catch {
    return undefined;
  }
}
