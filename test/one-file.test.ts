/** An action of a connector is one file: whoever writes it finds it wherever actions are, and has touched nothing else. */
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { connectorSources } from '../activities/declared/folders.ts';
import { repositoryConnectors } from '../activities/declared/repository.ts';
import { complete, hover } from '../language-server/assist.ts';
import { Workspace } from '../language-server/workspace.ts';
import type { JsonObject } from '../plan/plan.ts';
import { referenceFiles } from '../presentation/reference.ts';
import { type Sandbox, startSandbox } from '../sandbox/start.ts';
import { packageRoot } from '../store/package-root.ts';
import { casesIn, DeclaredAttempts } from './support/declared-cases.ts';

const action = `action: lockers.relabel
title: Relabel a locker
description: Changes what stands on the door of a locker.
effect: write
input:
  locker: { type: string, description: Its number. }
  label: { type: string, minLength: 1, description: What should stand on its door. }
look:
  get: /lockers/\${{ input.locker }}
  take: answer.body
  type: locker
  absent: { means: permanent, says: "There is no locker \${{ input.locker }}." }
want:
  label: { is: found.label, to: input.label }
change:
  patch: /lockers/\${{ input.locker }}
  body: { "...": "\${{ wanted }}" }
give:
  did: relabelled
  before: { value: found.label, description: What stood there. }
undo: { uses: lockers.relabel, with: { locker: "\${{ input.locker }}", label: "\${{ output.before }}" }, if: output.relabelled }
examples:
  - { title: Another name, with: { locker: L-2, label: Green 7 } }
`;

let repository: string;
let connectors: string;
let earlier: string[];
let sandbox: Sandbox;
const files = () => (readdirSync(repository, { recursive: true }) as string[]).sort();
beforeAll(async () => {
  repository = mkdtempSync(join(tmpdir(), 'one-file-'));
  connectors = join(repository, 'connectors');
  cpSync(join(packageRoot(), 'test/fixtures/connectors/lockers'), join(connectors, 'lockers'), {
    recursive: true,
  });
  earlier = files();
  writeFileSync(join(connectors, 'lockers', 'relabel.action.yaml'), action);
  sandbox = await startSandbox({ declared: [connectors] });
});
afterAll(async () => {
  await sandbox.close();
  rmSync(repository, { recursive: true });
});

const known = () => repositoryConnectors(join(repository, 'countersign.yaml'), new Map());

it('It is one file more, and no other one', () => {
  expect(files().filter((file) => !earlier.includes(file))).toEqual([
    join('connectors', 'lockers', 'relabel.action.yaml'),
  ]);
});

it('It is among the actions, and has its part of the reference', () => {
  const { catalogue, diagnostics } = known();
  expect(diagnostics).toEqual([]);
  expect(catalogue.get('lockers.relabel')).toMatchObject({ effect: 'write', delivery: 'exactly once' });
  const page = Object.values(referenceFiles([...catalogue.values()])).join('\n');
  expect(page).toContain('lockers.relabel');
  expect(page).toContain('PATCH /lockers/{}');
});

it('It is offered by the editor, which says what it does', () => {
  const text =
    'runbook: example\ntitle: Example\nkind: other\nowner: role:it-coordinators\nsteps:\n  - uses: lockers.rel\n';
  const workspace = new Workspace({
    read: () => ({ files: [{ path: 'a.yaml', text: 'old' }], configuration: undefined }),
    catalogue: new Map(),
    connectors: () => connectorSources(connectors),
  });
  workspace.change('a.yaml', text);
  const at = text.indexOf('lockers.rel') + 'lockers.rel'.length;
  expect(complete(workspace, 'a.yaml', at).map(({ label }) => label)).toContain('lockers.relabel');
  workspace.change('a.yaml', text.replace('lockers.rel\n', 'lockers.relabel\n'));
  expect(hover(workspace, 'a.yaml', at)).toContain('Changes what stands on the door');
});

it('It is tried by the suite over all declared actions, and does its work at the stand-in of `countersign dev`', async () => {
  const { cases, problems } = casesIn(connectors);
  expect(problems).toEqual([]);
  const own = cases.find(({ name }) => name === 'lockers.relabel');
  expect(own?.input).toEqual({ locker: 'L-2', label: 'Green 7' });
  if (!own) return;
  const settings = (sandbox.connectors.lockers ?? {}) as JsonObject;
  const attempts = new DeclaredAttempts(own.connector, settings, own.compiled.service.sensitive);
  expect(await attempts.run(own.name, own.input, 'step')).toEqual({ relabelled: true, before: 'Red 2' });
  const again = await attempts.run(own.name, own.input, 'another step');
  expect(again).toEqual({ relabelled: false, before: 'Green 7' });
});
