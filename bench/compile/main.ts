/**
 * What checking costs: 1,000 runbooks of 30 steps against merely parsing their YAML, in turns in one process; and
 * `countersign validate` on one file against a bare `node -e 0`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { compile } from '../../compiler/compile.ts';
import { type ActionDescription, catalogueOf } from '../../plan/catalogue.ts';
import { median, report } from '../report.ts';

const runbooks = 1_000;
const turns = Number(process.env.BENCH_TURNS ?? 5);
const starts = 15;

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** Thirty steps as people write them: expressions, conditions, an approval, groups, branches, a loop. */
function runbookText(index: number): string {
  const member = (id: string) => `  - id: ${id}
    title: Join the group of ${id}
    if: size(inputs.groups) > ${index % 7}
    uses: entra.addGroupMember
    with:
      user: \${{ steps.account.output.id }}
      group: Group ${index} \${{ inputs.givenName }}
`;
  const mail = (id: string) => `  - id: ${id}
    title: Tell the manager about ${id}
    uses: mail.send
    with:
      to: ["\${{ inputs.manager }}"]
      subject: About \${{ fullName }} and ${id}
      text: |
        Hello \${{ default(steps.manager.output.displayName, "there") }},
        \${{ fullName }} starts on \${{ formatDate(inputs.startDate, "D MMMM YYYY") }}.
`;
  const numbers = Array.from({ length: 13 }, (_, number) => number);
  return `runbook: joiner-${index}
title: Joiner ${index}
kind: onboarding
owner: role:it-coordinators
description: Gets a person an account and the groups of team ${index}.
on:
  - ticket: { system: jira, project: HR${index}, type: New hire, to: Approved }
    inputs:
      givenName: \${{ ticket.fields.customfield_10101 }}
      familyName: \${{ ticket.fields.customfield_10102 }}
      startDate: \${{ ticket.fields.customfield_10103 }}
      manager: \${{ ticket.fields.customfield_10104.emailAddress }}
      groups: \${{ default(ticket.fields.customfield_10107, []) }}
inputs:
  givenName: { type: string, minLength: 1 }
  familyName: { type: string, minLength: 1 }
  startDate: { type: string, format: date }
  manager: { type: string, format: email }
  groups: { type: array, items: { type: string }, default: [] }
let:
  fullName: inputs.givenName + " " + inputs.familyName
steps:
  - id: manager
    title: Find the manager
    uses: entra.getUser
    with: { user: "\${{ inputs.manager }}" }
  - id: signoff
    title: The manager signs off
    approve:
      from: ["\${{ steps.manager.output.userPrincipalName }}"]
      within: 2 business days
      escalate: role:it-director
      show: { person: "\${{ fullName }}", groups: "\${{ inputs.groups }}" }
  - id: account
    title: Create the account
    uses: entra.createUser
    with:
      userPrincipalName: \${{ slug(inputs.givenName) + "." + slug(inputs.familyName) + "@example.com" }}
      displayName: \${{ fullName }}
      givenName: \${{ inputs.givenName }}
      surname: \${{ inputs.familyName }}
      usageLocation: DE
    undo:
      uses: entra.deleteUser
      with: { user: "\${{ steps.account.output.id }}" }
  - id: settle
    wait: { for: 10m }
${numbers.map((number) => member(`team${number}`) + mail(`mail${number}`)).join('')}outputs:
  user: \${{ steps.account.output.id }}
`;
}

const actions = JSON.parse(
  readFileSync(join(root, 'schemas', 'actions.json'), 'utf8'),
) as ActionDescription[];
const catalogue = catalogueOf(actions);
const configuration = {
  path: 'countersign.yaml',
  text: readFileSync(join(root, 'countersign.yaml'), 'utf8'),
};
const files = Array.from({ length: runbooks }, (_, index) => ({
  path: `${index}.yaml`,
  text: runbookText(index),
}));

function timed(work: () => void): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

interface Start {
  cpuMs: number;
  wallMs: number;
}

/** A new process, and what it cost: CPU too, since the wall's clock of a machine that is busy measures the others. */
function started(args: string[], cwd: string): Start {
  const { stderr, status } = spawnSync(
    'bash',
    ['-c', 'TIMEFORMAT="%U %S %R"; time "$@" >/dev/null', 'timed', process.execPath, ...args],
    { cwd, encoding: 'utf8' },
  );
  const [user, system, wall] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  if (status !== 0 || wall === undefined) throw new Error(`${args.join(' ')} failed: ${stderr}`);
  return { cpuMs: ((user ?? 0) + (system ?? 0)) * 1000, wallMs: wall * 1000 };
}

function parseAll(): void {
  for (const { text } of files) parse(text);
}

function validateAll(): void {
  const { plans, diagnostics } = compile({ files, configuration, catalogue });
  const [first] = diagnostics;
  if (plans.length !== runbooks) throw new Error(`The runbooks are wrong: ${first?.message} ${first?.line}`);
}

const parsing: number[] = [];
const validating: number[] = [];
for (let turn = 0; turn < turns; turn++) {
  parsing.push(timed(() => parseAll()));
  validating.push(timed(validateAll));
}

const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
const bare: Start[] = [];
const validate: Start[] = [];
const small: Start[] = [];
try {
  const file = join(folder, 'one.yaml');
  writeFileSync(file, runbookText(0));
  const alone = join(folder, 'alone.yaml');
  writeFileSync(
    alone,
    'runbook: alone\ntitle: Alone\nkind: other\nowner: a.lee@example.com\nsteps:\n  - wait: { for: 1h }\n',
  );
  const main = join(root, 'dist', 'cli', 'main.js');
  for (let start = 0; start < starts; start++) {
    bare.push(started(['-e', '0'], root));
    validate.push(started([main, 'validate', file], root));
    small.push(started([main, 'validate', alone], folder));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** What is not the work itself: bare, a short runbook by itself, and one of thirty steps with the configuration of the demo. */
for (const [what, each] of Object.entries({
  'node -e 0': bare,
  'validate a short file': small,
  'validate with the demo’s configuration': validate,
}))
  console.error(
    `${what}: ${Math.round(median(each.map(({ cpuMs }) => cpuMs)))} ms of CPU, ${Math.round(median(each.map(({ wallMs }) => wallMs)))} ms`,
  );
const timesBare = (of: Start[]) =>
  median(of.map(({ cpuMs }, turn) => cpuMs / (bare[turn]?.cpuMs ?? Number.NaN)));

const ratio = median(validating) / median(parsing);
const more = median(validate.map(({ wallMs }) => wallMs)) - median(bare.map(({ wallMs }) => wallMs));
console.error(
  `1,000 runbooks: parsed in ${Math.round(median(parsing))} ms, checked in ${Math.round(median(validating))} ms`,
);
report('compile', [
  {
    what: 'validate 1,000 runbooks, against parsing their YAML',
    value: ratio,
    unit: 'times',
    limit: 3,
    limitIs: 'at most',
  },
  {
    what: '`countersign validate` on one file, over `node -e 0`',
    value: Math.round(more),
    unit: 'ms',
    limit: 150,
    limitIs: 'at most',
  },
  {
    what: '`countersign validate` on one short file: CPU, against `node -e 0`',
    value: timesBare(small),
    unit: 'times',
    limit: 2,
    limitIs: 'at most',
  },
  {
    what: 'the same on 30 steps with the demo’s configuration: CPU',
    value: timesBare(validate),
    unit: 'times',
    limit: 2,
    limitIs: 'at most',
  },
]);
