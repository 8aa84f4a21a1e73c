import { readFile } from 'node:fs/promises';
import { Api } from '../api-client.ts';
import { usage } from '../exit.ts';
import { pairs } from '../text.ts';
import { follow } from './follow.ts';
import { apiOptions, type Options, text } from './options.ts';

export async function run([runbook = '']: string[], options: Options): Promise<void> {
  const api = await Api.connect(apiOptions(options));
  const file = text(options, 'inputs');
  const inputs = { ...(file ? await inputsFile(file) : {}), ...pairs(options.input) };
  const key = text(options, 'ticket');
  const started = await api.post<{ id: string }>('/runs', {
    runbook,
    inputs,
    ...(key ? { ticket: { system: 'jira', key } } : {}),
  });
  if (options.json) console.log(JSON.stringify(started));
  else console.log(`Started ${runbook} as ${started.id}.\nLook at it: countersign show ${started.id}`);
  if (options.watch) await follow(api, started.id);
}

async function inputsFile(file: string): Promise<Record<string, unknown>> {
  const { parse } = await import('yaml');
  let content: unknown;
  try {
    content = parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw usage(
      `The inputs in ${file} cannot be read: ${error instanceof Error ? error.message.split('\n')[0] : error}`,
    );
  }
  if (typeof content === 'object' && content !== null && !Array.isArray(content))
    return content as Record<string, unknown>;
  throw usage(`${file} should hold names and values, such as \`givenName: Ada\`.`);
}
