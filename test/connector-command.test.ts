import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { compiledFolder } from '../activities/declared/repository.ts';
import { connector } from '../cli/commands/connector.ts';
import { packageRoot } from '../store/package-root.ts';

const lockers = join(packageRoot(), 'test/fixtures/connectors/lockers/lockers.openapi.json');
const printed: string[] = [];
let folder: string;
const before = process.cwd();

beforeEach(() => {
  printed.length = 0;
  jest.spyOn(console, 'log').mockImplementation((line) => void printed.push(String(line)));
  folder = mkdtempSync(join(tmpdir(), 'connector-'));
});
afterEach(() => {
  process.chdir(before);
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

describe('countersign connector', () => {
  it('plays the recorded exchanges of the connectors that ship', async () => {
    process.chdir(packageRoot());
    await connector(['test'], {});
    expect(printed.at(-1)).toMatch(/^[1-9]\d* passed, 0 failed$/);
  });

  it('drafts a connector from an OpenAPI document that compiles as it is', async () => {
    process.chdir(folder);
    writeFileSync('lockers.json', readFileSync(lockers));
    const operations = [
      'GET /lockers',
      'GET /lockers/{id}',
      'PATCH /lockers/{id}',
      'POST /lockers/{id}/parcels',
      'DELETE /parcels/{id}',
    ];
    await connector(['new', 'lockers'], { openapi: 'lockers.json', operations });
    const { connectors, diagnostics } = compiledFolder('connectors', new Map());
    expect(diagnostics.map(({ file, line, message }) => `${file}:${line} ${message}`)).toEqual([]);
    expect(
      connectors[0]?.actions.map(
        ({ action: { name, effect, delivery } }) => `${name}: ${effect}, ${delivery}`,
      ),
    ).toEqual([
      'lockers.deleteParcelsById: destructive, exactly once',
      'lockers.getLockersById: read, exactly once',
      'lockers.getLockers: read, exactly once',
      'lockers.patchLockersById: write, exactly once',
      'lockers.postLockersByIdParcels: write, exactly once',
    ]);
  });

  it('drafts a connector from scripts that compiles as it is, and prints what the configuration must allow', async () => {
    process.chdir(folder);
    const scripts = ['Get-Reservation.ps1', 'Add-Reservation.ps1'];
    for (const name of scripts) cpSync(join(packageRoot(), 'test/fixtures/scripts/dhcp', name), name);
    await connector(['new', 'dhcp'], { scripts });
    const { connectors, diagnostics } = compiledFolder('connectors', new Map());
    expect(diagnostics.map(({ file, line, message }) => `${file}:${line} ${message}`)).toEqual([]);
    expect(
      connectors[0]?.actions.map(
        ({ action: { name, effect, delivery } }) => `${name}: ${effect}, ${delivery}`,
      ),
    ).toEqual(['dhcp.addReservation: write, at most once', 'dhcp.getReservation: read, exactly once']);
    printed.length = 0;
    await connector(['scripts', 'dhcp'], {});
    expect(printed.join('\n')).toMatch(
      /^connectors:\n {2}dhcp:\n {4}allow: # run by pwsh\n(?: {6}(?:Add|Get)-Reservation\.ps1: sha256:[0-9a-f]{64}\n?){2}$/m,
    );
  });

  it('says what was sent otherwise than it was recorded', async () => {
    process.chdir(folder);
    const source = join(packageRoot(), 'test/fixtures/connectors');
    cpSync(source, 'connectors', { recursive: true });
    mkdirSync('connectors/lockers/exchanges');
    writeFileSync(
      'connectors/lockers/exchanges/open.http',
      '# action: lockers.open\n# input: {"locker": "L-1"}\n# gives: {"opened": true}\n\nPOST /lockers/L-9/open\n\nHTTP/1.1 202 Accepted\n',
    );
    await expect(connector(['test', 'lockers'], {})).rejects.toThrow();
    expect(printed.join('\n')).toContain(
      'POST /lockers/L-1/open was sent, and POST /lockers/L-9/open was recorded.',
    );
  });
});
