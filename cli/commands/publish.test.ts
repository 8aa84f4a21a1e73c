/** Publishing procedures, against the stand-ins of the systems: once, again, and after a change. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Sandbox, startSandbox } from '../../sandbox/start.ts';
import { publish } from './publish.ts';

const before = process.cwd();
let folder = '';
let sandbox: Sandbox;

const runbook = (name: string, title: string, what = 'Look at the rack.') => `runbook: ${name}
title: ${title}
kind: other
owner: role:it-coordinators
on: [{ manual: { by: [role:it-coordinators] } }]
steps:
  - id: look
    title: Look
    task: { to: role:it-coordinators, instructions: ${what}, within: 1d }
`;

async function published(...what: string[]): Promise<Record<string, string>> {
  const log = jest.spyOn(console, 'log').mockImplementation(() => {});
  try {
    await publish(what, { json: true });
    return JSON.parse(String(log.mock.calls.at(-1)?.[0])).pages;
  } finally {
    log.mockRestore();
  }
}

const write = (name: string, title: string, what?: string) =>
  writeFileSync(join(folder, 'runbooks', `${name}.yaml`), runbook(name, title, what));

beforeAll(async () => {
  sandbox = await startSandbox({});
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'countersign-publish-')));
  mkdirSync(join(folder, 'runbooks'));
  const settings = (name: string) => JSON.stringify(sandbox.connectors[name]);
  writeFileSync(
    join(folder, 'countersign.yaml'),
    'roles:\n  it-coordinators: { people: [kim.okafor@example.com] }\n',
  );
  writeFileSync(
    join(folder, 'connectors.json'),
    `{ "confluence": ${settings('confluence')}, "servicenow": ${settings('servicenow-declared')}, "sharepoint": ${settings('sharepoint')} }`,
  );
  process.env.COUNTERSIGN_CONNECTORS = join(folder, 'connectors.json');
  process.chdir(folder);
}, 60_000);

afterAll(async () => {
  delete process.env.COUNTERSIGN_CONNECTORS;
  process.chdir(before);
  rmSync(folder, { recursive: true, force: true });
  await sandbox.close();
});

describe('countersign publish', () => {
  it.each([
    ['confluence', 'IT', 'confluence'],
    ['servicenow', 'IT', 'servicenow-declared'],
    ['sharepoint', 'https://example.sharepoint.com/sites/North', 'sharepoint'],
  ])(
    'writes each procedure to %s once, what has changed again, and the rest not at all',
    async (where, of, system) => {
      const changes = () => sandbox.effects.list({ system }).length;
      write('rack', 'The rack');
      write('room', 'The room & its "keys"');
      expect(await published(where, of)).toEqual({
        'The rack': 'created',
        'The room & its "keys"': 'created',
      });
      const first = changes();
      expect(first).toBeGreaterThan(0);
      expect(await published(where, of)).toEqual({
        'The rack': 'unchanged',
        'The room & its "keys"': 'unchanged',
      });
      expect(changes()).toBe(first);
      write('rack', 'The rack', 'Look at the rack and at the fans.');
      expect(await published(where, of)).toMatchObject({
        'The rack': 'written',
        'The room & its "keys"': 'unchanged',
      });
      const state = await (await fetch(`${sandbox.url}/_sandbox/state`)).text();
      expect(state).toContain('and at the fans');
    },
  );

  it('writes a folder of files, removes those of runbooks that are gone, and leaves what others put there', async () => {
    write('rack', 'The rack');
    expect(await published('folder', 'procedures')).toMatchObject({
      'rack.md': 'created',
      'README.md': 'created',
    });
    writeFileSync(join('procedures', 'own.md'), '# Ours\n');
    rmSync(join('runbooks', 'room.yaml'));
    expect(await published('folder', 'procedures')).toEqual({
      'rack.md': 'unchanged',
      'room.md': 'removed',
      'README.md': 'written',
    });
    expect(readdirSync('procedures').sort()).toEqual(['README.md', 'own.md', 'rack.md']);
    expect(readFileSync(join('procedures', 'rack.md'), 'utf8')).toContain('Look at the rack.');
    writeFileSync(join('procedures', 'rack.md'), '# My own notes\n');
    await expect(published('folder', 'procedures')).rejects.toThrow('is not of Countersign');
  });

  it('publishes nothing of runbooks that do not compile, and says which places there are', async () => {
    writeFileSync(join('runbooks', 'broken.yaml'), 'runbook: broken\n');
    const stderr = jest.spyOn(process.stderr, 'write').mockImplementation(() => true);
    await expect(published('folder', 'elsewhere')).rejects.toThrow('Nothing was published');
    stderr.mockRestore();
    await expect(published('wiki', 'IT')).rejects.toThrow('folder | confluence | sharepoint | servicenow');
    await expect(published('confluence')).rejects.toThrow('the key of a space');
  });
});
