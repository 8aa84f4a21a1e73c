/** The files of a run's ticket, for whoever is asked to sign: by name and size, and one of them saved, through the gateway. */

import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { errorText } from '../../plan/error-text.ts';
import { Api } from '../api-client.ts';
import { Exit, exitCodes, usage } from '../exit.ts';
import { table } from '../text.ts';
import { apiOptions, type Options, text } from './options.ts';

interface TicketFileRow {
  id: string;
  name: string;
  bytes: number;
  /** Milliseconds since 1970. */
  at?: number;
  by?: string;
}

export async function files([run = '', file]: string[], options: Options): Promise<void> {
  const path = `/runs/${encodeURIComponent(run)}/ticket/files`;
  const api = await Api.connect(apiOptions(options));
  const answer = await api.get<{ files: TicketFileRow[]; system: string }>(path);
  if (file !== undefined) return save(api, path, theOne(answer.files, file), options);
  if (text(options, 'save')) throw usage('Say which file is saved: countersign files RUN FILE --save PATH');
  if (options.json) return console.log(JSON.stringify(answer));
  if (answer.files.length === 0)
    return console.log('The ticket has no files, or they are not read from its system.');
  const rows = answer.files.map(({ id, name, bytes, by }) => [
    shown(id),
    shown(name),
    sizeText(bytes),
    shown(by ?? ''),
  ]);
  console.log(table([['FILE', 'NAME', 'SIZE', 'BY'], ...rows]));
  console.log(`\nSave one with: countersign files ${run} ${shown(answer.files[0]?.id ?? 'FILE')}`);
}

/** By its id, or by its name where only one has it. */
function theOne(all: readonly TicketFileRow[], wanted: string): TicketFileRow {
  const byId = all.find(({ id }) => id === wanted);
  const byName = all.filter(({ name }) => name === wanted);
  const [found] = byId ? [byId] : byName;
  if (!byId && byName.length > 1) {
    const ids = byName.map(({ id }) => shown(id)).join(', ');
    throw usage(`Several files are called "${shown(wanted)}". Name one by its id: ${ids}.`);
  }
  if (found) return found;
  const names = all.map(({ id, name }) => `${shown(id)} (${shown(name)})`).join(', ');
  throw new Exit(
    exitCodes.problems,
    `The ticket has no file "${shown(wanted)}". ${names ? `It has ${names}.` : 'It has none that can be read.'}`,
  );
}

async function save(api: Api, path: string, file: TicketFileRow, options: Options): Promise<void> {
  const target = text(options, 'save') ?? safeName(file.name);
  const content = await api.download(`${path}/${encodeURIComponent(file.id)}`);
  try {
    // What somebody attached to a ticket takes the place of nothing here.
    writeFileSync(target, content, { flag: 'wx' });
  } catch (error) {
    const exists = (error as { code?: string }).code === 'EEXIST';
    throw usage(
      exists
        ? `${target} is there already. Say where else: --save PATH.`
        : `${target} cannot be written: ${errorText(error)}`,
    );
  }
  if (options.json) console.log(JSON.stringify({ ...file, saved: resolve(target) }));
  else console.log(`Saved ${target} (${sizeText(content.length)}). It is on record that you opened it.`);
}

/** In this folder, whatever somebody called it, and neither hidden nor a name that a system keeps for itself. */
function safeName(name: string): string {
  const last = shown(name).split(/[\\/]/).at(-1) ?? '';
  const plain = last
    .replace(/[<>:"|?*]/g, '_')
    .replace(/^[.\s-]+|[.\s]+$/g, '')
    .slice(0, 150);
  return /^(con|prn|aux|nul|com\d|lpt\d)?(\..*)?$/i.test(plain) ? `file${plain}` : plain;
}

/** Names are an outsider's: none may move the cursor or turn the writing round. */
function shown(name: string): string {
  return name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '_');
}

function sizeText(bytes: number): string {
  if (bytes < 1_024) return `${bytes} bytes`;
  return bytes < 1_024 ** 2 ? `${Math.round(bytes / 1_024)} KB` : `${(bytes / 1_024 ** 2).toFixed(1)} MB`;
}
