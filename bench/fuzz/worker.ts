/** Compiles the documents of its seeds and tells how far it is, so that a hang is noticed from outside. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ActionDescription, catalogueOf } from '../../plan/catalogue.ts';
import { complaintAbout, corpusOf } from './check.ts';
import { documentOf } from './documents.ts';

export type Message = { seed: number; ms: number } | { seed: number; complaint: string } | { done: true };

const [root = '.', from = '0', to = '0'] = process.argv.slice(2);
const actions = JSON.parse(
  readFileSync(join(root, 'schemas', 'actions.json'), 'utf8'),
) as ActionDescription[];
const catalogue = catalogueOf(actions);
const configuration = readFileSync(join(root, 'countersign.yaml'), 'utf8');
const corpus = corpusOf(root);
const tell = (message: Message) => process.send?.(message);

for (let seed = Number(from); seed < Number(to); seed++) {
  // Told before as well: a document that never ends is the one after the last that was told.
  if (seed % 100 === 0) tell({ seed, ms: 0 });
  const started = performance.now();
  const text = documentOf(seed, corpus);
  let complaint: string | undefined;
  try {
    complaint = complaintAbout(text, catalogue, configuration);
  } catch (error) {
    complaint = `thrown: ${error instanceof Error ? error.stack : String(error)}`;
  }
  const ms = performance.now() - started;
  if (complaint) tell({ seed, complaint });
  else if (ms > 1_000) tell({ seed, ms });
}
tell({ done: true });
