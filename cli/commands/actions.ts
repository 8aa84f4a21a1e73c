import { Exit, exitCodes } from '../exit.ts';
import { knownActions } from '../project.ts';
import { table } from '../text.ts';
import type { Options } from './options.ts';

interface Field {
  description?: string;
  type?: string;
}

export async function actions([name]: string[], options: Options): Promise<void> {
  const all = [...knownActions().values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  if (!name) {
    if (options.json) return console.log(JSON.stringify(all));
    return console.log(table(all.map((action) => [action.name, action.effect, action.title])));
  }
  const action = all.find((each) => each.name === name);
  if (!action) {
    throw new Exit(exitCodes.problems, `There is no action "${name}". See them all: countersign actions`);
  }
  if (options.json) return console.log(JSON.stringify(action));
  const required = new Set((action.input.required as string[] | undefined) ?? []);
  const fields = (schema: Record<string, unknown>) =>
    Object.entries((schema.properties ?? {}) as Record<string, Field>);
  console.log(`${action.name}: ${action.title}\n${action.description}\n`);
  console.log(`  effect     ${action.effect}, ${action.delivery}`);
  if (action.undo) console.log(`  undo       ${action.undo}`);
  console.log(`  follows    ${action.source}\n`);
  console.log('with:');
  console.log(
    table(
      fields(action.input).map(([field, schema]) => [
        `  ${field}`,
        schema.type ?? '',
        required.has(field) ? 'required' : 'optional',
        schema.description ?? '',
      ]),
    ),
  );
  console.log('\noutput:');
  console.log(
    table(
      fields(action.output).map(([field, schema]) => [
        `  ${field}`,
        schema.type ?? '',
        action.sensitive.includes(field) ? 'sealed' : '',
        schema.description ?? '',
      ]),
    ),
  );
}
