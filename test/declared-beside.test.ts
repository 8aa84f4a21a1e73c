/**
 * As `countersign dev` has it: where actions in TypeScript have a stand-in for the same system, a declared action asks at that address, and
 * finds there whatever it has changed.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { JsonObject } from '../plan/plan.ts';
import { type Sandbox, startSandbox } from '../sandbox/start.ts';
import { packageRoot } from '../store/package-root.ts';
import { casesIn, DeclaredAttempts, type DeclaredCase } from './support/declared-cases.ts';

const { cases } = casesIn(join(packageRoot(), 'connectors'));
let sandbox: Sandbox;
let fresh = 0;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

/** Of the invented company, where the example is about what only the declared stand-in begins with. */
const asked: Record<string, JsonObject> = {
  'entra.listGroupMembers': { group: 'All Staff' },
  'entra.setManager': { user: 'lou.maier@example.com', manager: 'morgan.weiss@example.com' },
  'entra.addSponsor': { user: 'lou.maier@example.com', sponsor: 'morgan.weiss@example.com' },
  'entra.removeSponsor': { user: 'kim.okafor@example.com', sponsor: 'morgan.weiss@example.com' },
  'slack.findChannel': { name: 'it-changes' },
};
/** The person stands in one of the two, and their licences in the other. */
const notThere = new Set(['assets.listLicensesOf']);

const isBeside = ({ connector, compiled }: DeclaredCase) =>
  compiled.service.settingsFrom !== undefined && connector;
const beside = cases.filter(isBeside).filter(({ name }) => !notThere.has(name));

/** As a configuration that points at the stand-ins gives them. */
function settingsOf({ connector, compiled }: DeclaredCase): JsonObject {
  const { settings, settingsFrom = '' } = compiled.service;
  const all = { ...sandbox.connectors[settingsFrom], ...sandbox.connectors[connector.name] };
  const known = Object.keys((settings.properties ?? {}) as JsonObject);
  return Object.fromEntries(Object.entries(all).filter(([name]) => known.includes(name))) as JsonObject;
}

it.each(beside.map((each) => [each.name, each] as const))(
  '%s does its work there, and only once',
  async (name, each) => {
    const { connector, compiled } = each;
    const { sensitive } = compiled.service;
    const count = () => sandbox.effects.list({}).length;
    await fetch(`${sandbox.url}/_sandbox/reset`, { method: 'POST' });
    const settings = settingsOf(each);
    const attempts = new DeclaredAttempts(connector, settings, sensitive);
    for (const { uses, with: input } of each.before) await attempts.run(uses, input, `before-${++fresh}`);
    const earlier = count();
    const step = `beside-${++fresh}`;
    const output = await attempts.run(name, asked[name] ?? each.input, step);
    if (!compiled.action.change) return;
    const effects = count();
    expect(effects).toBeGreaterThan(earlier);
    if (compiled.action.did !== undefined) expect(output[compiled.action.did]).toBe(true);
    if (compiled.action.delivery !== 'exactly once') return;
    await attempts.run(name, asked[name] ?? each.input, step);
    expect(count()).toBe(effects);
  },
);
