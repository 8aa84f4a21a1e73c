/** The repository's own configuration, with every change window open in a moment: nobody waits for Saturday night here. */
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseDocument } from 'yaml';

/** How long a window takes to open, so that one sees that it is waited for. */
const opensInMs = 5_000;
const openForMs = 12 * 3_600_000;

/** Writes `countersign.yaml` into the folder. Returns its path. */
export function openWindows(configuration: string, folder: string, calendars: readonly string[]): string {
  const document = parseDocument(readFileSync(configuration, 'utf8'));
  const now = Date.now();
  for (const name of calendars)
    document.setIn(['calendars', name], {
      timezone: 'UTC',
      windows: [{ name: 'Demo window', from: localText(now + opensInMs), to: localText(now + openForMs) }],
    });
  // A demo in December must not stop at the year's end.
  document.setIn(['calendars', 'year-end', 'windows'], [{ from: '2020-12-18', to: '2021-01-04' }]);
  // The organisation, and tables that runbooks read, stand beside the configuration.
  for (const name of ['organisation.yaml', 'data']) {
    const beside = join(dirname(configuration), name);
    if (existsSync(beside)) cpSync(beside, join(folder, name), { recursive: true });
  }
  const path = join(folder, 'countersign.yaml');
  writeFileSync(path, document.toString());
  return path;
}

function localText(at: number): string {
  return new Date(at).toISOString().slice(0, 19);
}
