/** The rules of good habit, with how much each weighs here. */

import { nearest } from '../../compiler/diagnostics/suggest.ts';
import { weightOf } from '../../compiler/lints/lint.ts';
import { rules as all } from '../../compiler/lints/registry.ts';
import { Exit, exitCodes } from '../exit.ts';
import { compileProject, readProject } from '../project.ts';
import { type Options, text } from './options.ts';

export async function rules([name]: string[], options: Options): Promise<void> {
  const { configuration } = readProject([], text(options, 'config'));
  const weights = compileProject({ files: [], configuration }).configuration?.rules ?? {};
  const found = all
    .filter((rule) => name === undefined || rule.name === name)
    .map((rule) => {
      const { code, title, explanation, wrong, right } = rule.definition;
      return { name: rule.name, weight: weightOf(rule, weights), code, title, explanation, wrong, right };
    });
  if (found.length === 0) {
    const near = nearest(
      name ?? '',
      all.map((rule) => rule.name),
    );
    throw new Exit(
      exitCodes.problems,
      `There is no rule "${name}".${near ? ` Did you mean ${near}?` : ' `countersign rules` lists them.'}`,
    );
  }
  if (options.json) return console.log(JSON.stringify(found, null, 2));
  for (const rule of found) {
    console.log(
      `${rule.weight.padEnd(8)} ${rule.name} (${rule.code})\n         ${rule.title}. ${rule.explanation}`,
    );
    if (name !== undefined)
      console.log(`\nWrong:\n\n${indented(rule.wrong)}\n\nRight:\n\n${indented(rule.right)}`);
  }
  if (name === undefined)
    console.log('\nIn countersign.yaml, `rules: { NAME: off | warning | error }` says how much each weighs.');
}

function indented(example: string): string {
  return example.trim().replace(/^/gm, '    ');
}
