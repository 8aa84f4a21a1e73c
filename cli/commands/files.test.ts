import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { files } from './files.ts';

const listed = [
  { id: '1', name: 'plan.pdf', bytes: 20_000, by: 'Dana' },
  { id: '2', name: '../../.bashrc\u001b[2J', bytes: 9 },
  { id: '3', name: 'twice.txt', bytes: 1 },
  { id: '4', name: 'twice.txt', bytes: 2 },
];
const bytes = Buffer.from([0, 255, 10, 13, 128]);

describe('countersign files', () => {
  let server: Server;
  let folder: string;
  let before: string;
  const said: string[] = [];
  const asked: string[] = [];
  const options = () => ({
    gateway: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    data: folder,
    as: 'dana@example.com',
  });

  beforeAll(async () => {
    before = process.cwd();
    folder = mkdtempSync(join(tmpdir(), 'countersign-files-'));
    writeFileSync(join(folder, 'local-token'), 'token');
    process.chdir(folder);
    server = createServer(({ url = '', headers }, reply) => {
      asked.push(`${headers['x-countersign-as']} ${url}`);
      const file = /\/ticket\/files\/(.+)$/.exec(url)?.[1];
      if (url.includes('/secret/')) {
        reply.writeHead(403, { 'content-type': 'application/problem+json' });
        reply.end(JSON.stringify({ detail: 'You may not see this run.' }));
      } else if (file) reply.end(bytes);
      else reply.end(JSON.stringify({ system: 'Jira', files: url.includes('/empty/') ? [] : listed }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    jest.spyOn(console, 'log').mockImplementation((line: string) => void said.push(line));
  });
  beforeEach(() => {
    said.length = 0;
    asked.length = 0;
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    process.chdir(before);
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  it('names them with their size, and lets no name write on the terminal', async () => {
    await files(['r1'], options());
    const text = said.join('\n');
    expect(text).toMatch(/1 +plan\.pdf +20 KB +Dana/);
    expect(text).toContain('../../.bashrc_[2J');
    expect(text).not.toContain('\u001b');
    expect(asked).toEqual(['dana@example.com /api/v1/runs/r1/ticket/files']);
    said.length = 0;
    await files(['empty'], options());
    expect(said.join()).toContain('has no files');
  });

  it('saves one by its name as it is, and writes over nothing', async () => {
    await files(['r1', 'plan.pdf'], options());
    expect(readFileSync(join(folder, 'plan.pdf')).equals(bytes)).toBe(true);
    expect(asked).toContain('dana@example.com /api/v1/runs/r1/ticket/files/1');
    await expect(files(['r1', '1'], options())).rejects.toThrow('plan.pdf is there already');
    await files(['r1', '1'], { ...options(), save: 'other.pdf', json: true });
    expect(JSON.parse(said.at(-1) ?? '')).toMatchObject({
      id: '1',
      saved: expect.stringContaining('other.pdf'),
    });
  });

  it('saves in the current folder, whatever the file is called', async () => {
    await files(['r1', '2'], options());
    expect(existsSync(join(folder, 'bashrc_[2J'))).toBe(true);
  });

  it('says which there are when it is none of them, or more than one', async () => {
    await expect(files(['r1', 'plan.doc'], options())).rejects.toThrow('It has 1 (plan.pdf)');
    await expect(files(['r1', 'twice.txt'], options())).rejects.toThrow('Name one by its id: 3, 4.');
    await expect(files(['secret'], options())).rejects.toThrow('You may not see this run.');
    await expect(files(['r1'], { ...options(), save: 'x' })).rejects.toThrow('Say which file is saved');
  });
});
