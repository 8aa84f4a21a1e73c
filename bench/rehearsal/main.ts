/** How long `countersign test` takes for a run that spans thirty days, once it has started. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from '../../compiler/compile.ts';
import { readTestFile } from '../../compiler/test-file/read.ts';
import { Calendars } from '../../organisation/calendars.ts';
import { type ActionDescription, catalogueOf } from '../../plan/catalogue.ts';
import { differences } from '../../rehearsal/check.ts';
import { rehearse } from '../../rehearsal/rehearse.ts';
import { median, report } from '../report.ts';

const turns = Number(process.env.BENCH_TURNS ?? 50);
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

const runbook = `runbook: month
title: A month
kind: offboarding
owner: kim.okafor@example.com
inputs:
  who: { type: string, format: email }
steps:
  - id: look
    uses: entra.getUser
    with: { user: "\${{ inputs.who }}" }
  - id: sign
    approve: { from: [morgan.weiss@example.com], within: 5 business days, remind: 1 business day, escalate: alex.duarte@example.com }
  - id: rest
    wait: { for: 20d }
  - id: desk
    task: { to: kim.okafor@example.com, instructions: Clear the desk., form: { done: { type: boolean } }, within: 10 business days }
  - id: poll
    repeat: { until: steps.again.output.id == "gone", every: 6h, atMost: 10d }
    steps:
      - { id: again, uses: entra.getUser, with: { user: "\${{ inputs.who }}" } }
  - id: gone
    uses: entra.deleteUser
    with: { user: "\${{ steps.look.output.id }}" }
`;
const tests = `tests:
  - name: it takes a month
    inputs: { who: a.lee@example.com }
    actions:
      again: [${Array.from({ length: 12 }, () => '{ output: { id: there } }').join(', ')}, { output: { id: gone } }]
    events:
      - { approve: sign, after: 3d }
      - { complete: desk, output: { done: true }, after: 4d }
    expect: { takes: { atLeast: 30d } }
`;

const catalogue = catalogueOf(
  JSON.parse(readFileSync(join(root, 'schemas', 'actions.json'), 'utf8')) as ActionDescription[],
);
const { plans, diagnostics } = compile({ files: [{ path: 'month.yaml', text: runbook }], catalogue });
const read = readTestFile({ path: 'month.test.yaml', text: tests, beside: 'month', plans, catalogue });
const [script] = read.file?.tests ?? [];
const { plan } = read;
if (!script || !plan)
  throw new Error([...diagnostics, ...read.diagnostics].map(({ message }) => message).join('\n'));
const calendars = new Calendars({ calendars: {}, timezone: 'Europe/Berlin', read: () => '' });
const surroundings = {
  roles: {},
  organisation: {},
  separationOfDuties: [],
  approvals: { objection: { businessDays: 1 } },
  calendars,
};
const times: number[] = [];
for (let turn = 0; turn < turns; turn += 1) {
  const began = performance.now();
  const result = await rehearse({ plan, plans, catalogue, surroundings, script });
  times.push(performance.now() - began);
  const problems =
    'journal' in result
      ? [...result.problems, ...differences(result, script.expect, calendars)]
      : result.problems;
  if (problems.length > 0) throw new Error(problems.join('\n'));
}
report('rehearsal', [
  { what: 'a test that spans 30 days', value: median(times), unit: 'ms', limit: 50, limitIs: 'at most' },
]);
