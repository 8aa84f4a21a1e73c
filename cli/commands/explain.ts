import { explain as explanationOf } from '../../compiler/diagnostics/registry.ts';
import { Exit, exitCodes } from '../exit.ts';
import type { Options } from './options.ts';

export async function explain([code = '']: string[], options: Options): Promise<void> {
  const definition = explanationOf(code);
  if (!definition) {
    throw new Exit(
      exitCodes.problems,
      `There is no code "${code}". Codes look like CS1001 and stand beside every problem.`,
    );
  }
  const { title, severity, explanation, wrong, right } = definition;
  if (options.json)
    return console.log(JSON.stringify({ code: definition.code, title, severity, explanation, wrong, right }));
  console.log(
    `${definition.code}: ${title}\n\n${explanation}\n\nWrong:\n\n${indent(wrong)}\n\nRight:\n\n${indent(right)}`,
  );
}

function indent(example: string): string {
  return example.trim().replace(/^/gm, '    ');
}
