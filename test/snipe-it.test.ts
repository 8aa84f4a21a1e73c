/** Snipe-IT publishes no description of its API: the stand-in is held to the routes and fields that its source has. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { assets } from '../activities/assets/index.ts';
import { attemptsOf } from '../activities/kit/testing.ts';
import { specsFolder } from '../sandbox/contract.ts';
import { type Exchange, startSandbox } from '../sandbox/start.ts';
import { describeWith } from './support/services.ts';
import { withoutContracts } from './support/skipped.ts';

interface Facts {
  routes: { method: string; path: string }[];
  asset_fields: string[];
}

const file = join(specsFolder(), 'snipe-it-api.facts.json');
const facts = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Facts) : undefined;
if (!facts) withoutContracts('the routes and fields of Snipe-IT');

describeWith(facts)('The stand-in of Snipe-IT', () => {
  it('has the routes and the fields that Snipe-IT has, wherever the connector goes', async () => {
    const exchanges: Exchange[] = [];
    const sandbox = await startSandbox({ onExchange: (exchange) => exchanges.push(exchange) });
    const { call } = attemptsOf(assets, sandbox.connectors.assets ?? {}, ['apiToken']);
    const name = { serialNumber: 'SN-8001' };
    await call('assets.find', { tag: 'EX-1001' });
    await call('assets.checkOut', { ...name, to: 'kim.okafor@example.com' });
    await call('assets.listOf', { user: 'kim.okafor@example.com' });
    await call('assets.checkIn', name);
    await call('assets.create', { serialNumber: 'SN-NEW', model: 'Laptop 14 inch' });
    await call('assets.setStatus', { ...name, status: 'Lost' });
    await call('assets.setDetails', { ...name, notes: 'Broken' });
    await call('assets.listExpiring', { by: '2030-01-01' });
    await sandbox.close();
    const own = exchanges.filter(({ system }) => system === 'assets');
    expect(own.length).toBeGreaterThan(10);
    expect(own.filter(({ method, path }) => !isRoute(method, path))).toEqual([]);
    const rows = own.flatMap(({ answer }) => assetRowsIn(answer));
    expect(rows.length).toBeGreaterThan(3);
    const unknown = rows
      .flatMap((row) => Object.keys(row))
      .filter((field) => !facts?.asset_fields.includes(field));
    expect(unknown).toEqual([]);
    for (const field of facts?.asset_fields ?? []) expect(rows[0]).toHaveProperty(field);
  }, 60_000);
});

function isRoute(method: string, path: string): boolean {
  const wanted = `/api/v1${path}`.split('/');
  return (facts?.routes ?? []).some((route) => {
    const segments = route.path.split('/');
    return (
      route.method.split('|').includes(method) &&
      segments.length === wanted.length &&
      segments.every((segment, index) => segment.startsWith('{') || segment === wanted[index])
    );
  });
}

function assetRowsIn(answer: unknown): Record<string, unknown>[] {
  const { rows = [], payload } = (answer ?? {}) as { rows?: object[]; payload?: object | null };
  return [answer, payload, ...rows].filter(
    (row): row is Record<string, unknown> => typeof row === 'object' && row !== null && 'serial' in row,
  );
}
