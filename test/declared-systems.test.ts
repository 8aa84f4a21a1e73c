/** Every system that is declared as data has a runbook that uses it, on every real part. */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { packageRoot } from '../store/package-root.ts';
import { coordinator, TestStack } from './support/stack.ts';

const folder = join(packageRoot(), 'test/fixtures/systems');
const systems = readdirSync(join(folder, 'runbooks')).map((file) => basename(file, '.yaml'));
let stack: TestStack;

beforeAll(async () => {
  process.env.SYSTEMS_KEY = 'sandbox-systems-key';
  stack = await TestStack.start('declared-systems', { folder });
}, 300_000);

afterAll(() => stack?.stop(), 60_000);

it.each(systems)(
  'a runbook of %s changes what it says, and succeeds',
  async (system) => {
    const { status, body } = await stack.api<{ id: string }>(coordinator, 'POST', '/runs', {
      runbook: system,
    });
    expect({ status, body }).toMatchObject({ status: 201 });
    const ended = await stack.waitFor(body.id, ['succeeded', 'failed', 'parked']);
    expect(ended).toMatchObject({ status: 'succeeded' });
    // Where actions in TypeScript have a stand-in, the declared one plays beside it.
    const effects = await Promise.all(
      [system, `${system}-declared`].map((name) => stack.effects({ system: name })),
    );
    expect(effects.flat()).not.toEqual([]);
  },
  120_000,
);
