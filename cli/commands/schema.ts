/** The JSON Schemas, for editors and for other programs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { connectorOf } from '../../activities/declared/connector.ts';
import { compiledForShipping } from '../../activities/declared/repository.ts';
import { shippedFiles } from '../../activities/declared/shipped.ts';
import { connectorSettings, descriptions, programmed } from '../../activities/index.ts';
import { schemaFiles } from '../../compiler/schema/files.ts';
import { catalogueOf } from '../../plan/catalogue.ts';
import type { Options } from './options.ts';

export async function schema(_args: string[], options: Options): Promise<void> {
  const { connectors: declared, diagnostics } = compiledForShipping(catalogueOf(descriptions(programmed)));
  for (const { severity, file, line, column, message } of diagnostics)
    if (severity === 'error') console.error(`${file}:${line}:${column} ${message}`);
  const all = [...programmed, ...declared.map(connectorOf)];
  const files = [
    ...schemaFiles(catalogueOf(descriptions(all)), connectorSettings(all)),
    ...shippedFiles(declared),
  ];
  if (options.write) {
    mkdirSync('schemas', { recursive: true });
    for (const file of files) writeFileSync(file.path, file.text);
    console.log(files.map((file) => `Wrote ${file.path}`).join('\n'));
    return;
  }
  const runbook = files.find((file) => file.path.endsWith('runbook.schema.json'));
  process.stdout.write(options.json ? JSON.stringify(files) : (runbook?.text ?? ''));
}
