/** Writes the reference of the manual into this folder: `npm run schemas`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ActionDescription } from '../plan/catalogue.ts';
import { referenceFiles } from './reference.ts';

const actions = JSON.parse(readFileSync('schemas/actions.json', 'utf8')) as ActionDescription[];
for (const [path, text] of Object.entries(referenceFiles(actions))) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(`Wrote ${path}`);
}
