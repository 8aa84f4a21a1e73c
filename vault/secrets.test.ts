import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfiguredSecrets } from './secrets.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'secrets-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('A secret', () => {
  it('comes from an environment variable or a file, without the line break at its end', async () => {
    const file = join(folder, 'token');
    await writeFile(file, 'from-the-file\n');
    const secrets = new ConfiguredSecrets({ a: { env: 'A' }, b: { file } }, { A: 'from-the-environment' });
    expect(await secrets.get('a')).toBe('from-the-environment');
    expect(await secrets.get('b')).toBe('from-the-file');
  });

  it('that is absent is named with the place where it should be', async () => {
    const file = join(folder, 'absent');
    const empty = join(folder, 'empty');
    await writeFile(empty, '\n');
    const secrets = new ConfiguredSecrets({ a: { env: 'A' }, b: { file }, c: { file: empty } }, {});
    await expect(secrets.get('a')).rejects.toThrow('"a" should be in the environment variable A');
    await expect(secrets.get('b')).rejects.toThrow(
      `"b" should be in the file ${file}, which cannot be read (ENOENT)`,
    );
    await expect(secrets.get('c')).rejects.toThrow('which is empty');
    await expect(secrets.get('d')).rejects.toThrow(
      'no secret "d" under secrets: in countersign.yaml. Known are: a, b, c.',
    );
    await expect(secrets.get('toString')).rejects.toThrow('no secret "toString"');
  });

  it('that is replaced in its file is used within a minute, and neither the old nor the new one can be read in a text', async () => {
    const file = join(folder, 'replaced');
    let now = 0;
    const secrets = new ConfiguredSecrets({ a: { file } }, {}, () => now);
    await writeFile(file, 'the-old-one');
    expect(await secrets.get('a')).toBe('the-old-one');
    await writeFile(file, 'the-new-one');
    expect(await secrets.get('a')).toBe('the-old-one');
    now += 60_000;
    expect(await secrets.get('a')).toBe('the-new-one');
    expect(secrets.redact('the-old-one, the-new-one')).toBe('[secret], [secret]');
    await rm(file);
    now += 60_000;
    expect(await secrets.get('a')).toBe('the-new-one');
  });

  it('is redacted wherever it occurs, also encoded', async () => {
    const value = 'p@ss/wörd "1"';
    const secrets = new ConfiguredSecrets({ a: { env: 'A' } }, { A: value });
    await secrets.get('a');
    const forms = [
      value,
      encodeURIComponent(value),
      JSON.stringify(value),
      Buffer.from(value).toString('base64'),
      Buffer.from(value).toString('base64url'),
      new URLSearchParams({ q: value }).toString(),
    ];
    const text = secrets.redact(`It said ${forms.join(' and ')} there.`);
    expect(text).toBe(
      'It said [secret] and [secret] and "[secret]" and [secret] and [secret] and q=[secret] there.',
    );
  });
});
