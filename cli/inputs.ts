/** The inputs that a command is given: `--inputs FILE` and `--input name=value`, of which the latter count. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { JsonObject, Plan } from '../plan/plan.ts';
import { type Options, text } from './commands/options.ts';
import { usage } from './exit.ts';
import { pairs } from './text.ts';

/** Undefined when neither option was given. What the runbook's `inputs` take as text stays text: a port is no number there. */
export function givenInputs(options: Options, inputs: Plan['inputs'] = {}): JsonObject | undefined {
  const file = text(options, 'inputs');
  if (file === undefined && options.input === undefined) return undefined;
  return { ...(file === undefined ? {} : inputsFile(file)), ...inputPairs(options, inputs) };
}

/** Those of `--input name=value` alone. */
export function inputPairs(options: Options, inputs: Plan['inputs'] = {}): JsonObject {
  const isText = (name: string) => inputs[name]?.schema.type === 'string';
  return pairs(options.input, isText) as JsonObject;
}

/** Of which system a ticket is that is named by its key alone: of the one whose tickets start the runbook. */
export function ticketSystemOf(triggers: Plan['triggers']): string {
  return triggers.find((trigger) => trigger.type === 'ticket')?.system ?? 'jira';
}

function inputsFile(file: string): JsonObject {
  let content: unknown;
  try {
    content = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw usage(
      `The inputs in ${file} cannot be read: ${error instanceof Error ? error.message.split('\n')[0] : error}`,
    );
  }
  if (typeof content === 'object' && content !== null && !Array.isArray(content))
    return content as JsonObject;
  throw usage(`${file} should hold names and values, such as \`givenName: Ada\`.`);
}
