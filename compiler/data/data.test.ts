import { describe, expect, it } from '@jest/globals';
import { evaluate } from '../../workflows/expressions.ts';
import { runVariables } from '../../workflows/variables.ts';
import { renderText } from '../diagnostics/render-text.ts';
import { compare } from '../diff/compare.ts';
import { compilePart } from '../testing.ts';

const runbook = (file: string, columns = 'vendor: string, endDate: date', more = '') =>
  `data:\n  contracts: { file: ${file}, columns: { ${columns} } }\n${more}steps:\n  - id: each\n    forEach: data.contracts\n    as: contract\n    steps:\n      - { task: { to: role:it-managers, instructions: "\${{ contract.vendor }}" } }\n`;

function compiled(files: Record<string, string>, part: string) {
  return compilePart(part, {
    dataFile: (path) => {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error('there is no such file'), { code: 'ENOENT' });
      return text;
    },
  });
}

function told(files: Record<string, string>, part: string): string {
  const { diagnostics } = compiled(files, part);
  return renderText(diagnostics, { sources: new Map(Object.entries(files)) });
}

describe('data of the repository', () => {
  it('are in the plan, as their columns say, and nothing that no column names', () => {
    const file =
      'vendor,endDate,seats,price,live,secret\n"Lee, Jr",2026-12-31,4,9.5,TRUE,x\nNorth,2027-01-31,,7,false,y\n';
    const columns =
      'vendor: string, endDate: date, seats: { type: integer, optional: true }, price: number, live: boolean';
    const { plans, diagnostics } = compiled({ 'a.csv': file }, runbook('a.csv', columns));
    expect(diagnostics).toEqual([]);
    expect(plans[0]?.data).toEqual({
      contracts: [
        { vendor: 'Lee, Jr', endDate: '2026-12-31', seats: 4, price: 9.5, live: true },
        { vendor: 'North', endDate: '2027-01-31', price: 7, live: false },
      ],
    });
  });

  it('give each fault its row, its column and a caret in the data file', () => {
    const file = 'vendor,endDate,seats\n"Lee, Jr",31.12.2026,4\n,2026-12-31,many\n';
    expect(told({ 'a.csv': file }, runbook('a.csv', 'vendor: string, endDate: date, seats: integer'))).toBe(
      `example.yaml:6:22 error CS2103
  a.csv has 3 faults, told where they stand. The runbook cannot be used before they are mended.

a.csv:2:11 error CS2105
  Row 2, column \`endDate\`: "31.12.2026" cannot be \`endDate\`: it must be a date like 2026-01-31.
  2 | "Lee, Jr",31.12.2026,4
    |           ^^^^^^^^^^
  Did you mean \`2026-12-31\`?

a.csv:3:1 error CS2105
  Row 3, column \`vendor\`: it is empty or missing.
  3 | ,2026-12-31,many
    | ^^^^^^^^^^^^^^^^

a.csv:3:13 error CS2105
  Row 3, column \`seats\`: \`seats\` takes a whole number, and here is text ("many").
  3 | ,2026-12-31,many
    |             ^^^^

4 errors in 2 files
`,
    );
  });

  it('are typed in expressions, so that a column that there is not is told where it is read', () => {
    const part = runbook('a.csv').replace('contract.vendor', 'contract.vendr');
    expect(told({ 'a.csv': 'vendor,endDate\nNorth,2026-12-31\n' }, part)).toMatch(/CS130\d[\s\S]*`vendor`/);
  });

  it('may be a YAML or JSON list, of rows or of plain values', () => {
    const files = { 'a.yaml': '- { vendor: North, endDate: 2026-12-31 }\n', 'b.json': '["VPN", "Mail"]' };
    const part = runbook('a.yaml', undefined, '  services: { file: b.json, items: string }\n');
    const { plans, diagnostics } = compiled(files, part);
    expect(diagnostics).toEqual([]);
    expect(plans[0]?.data).toEqual({
      contracts: [{ vendor: 'North', endDate: '2026-12-31' }],
      services: ['VPN', 'Mail'],
    });
    expect(told({ ...files, 'a.yaml': '- { vendor: 4 }\n' }, part)).toMatch(/Row 1, column `endDate`/);
  });

  it('change the hash of the plan, and a comparison counts the rows', () => {
    const [was, is] = ['North,2026-12-31\n', 'North,2027-12-31\nSouth,2026-12-31\n'].map((rows) =>
      compiled({ 'a.csv': `vendor,endDate\n${rows}` }, runbook('a.csv')),
    );
    expect(was?.plans[0]?.hash).not.toBe(is?.plans[0]?.hash);
    const changes = compare({ plans: was?.plans ?? [], broken: [] }, { plans: is?.plans ?? [], broken: [] });
    expect(changes.map(({ text }) => text)).toEqual([
      '`data.contracts` has 2 new or changed rows, and 1 of before is gone.',
    ]);
  });

  it('are what a run sees', () => {
    const { plans } = compiled({ 'a.csv': 'vendor,endDate\nNorth,2026-12-31\n' }, runbook('a.csv'));
    const [plan] = plans;
    if (!plan) throw new Error('no plan');
    const variables = runVariables({
      id: 'r',
      boundInputs: {},
      plan,
      requester: { id: 'a@example.com', roles: [] },
      startedAt: 0,
    });
    expect(evaluate('data.contracts.map(c, c.vendor)', variables)).toEqual(['North']);
  });

  it('may be a file as it is, with the hash of its content', () => {
    const part =
      'data:\n  handbook: { file: docs/first-day.pdf, as: file }\nsteps: [{ end: { status: succeeded, reason: "${{ data.handbook.name }}" } }]\n';
    const read = (path: string, encoding?: string) => {
      if (encoding !== 'base64') throw Object.assign(new Error(`${path} is no text`), { code: 'ENOENT' });
      return Buffer.from('%PDF').toString('base64');
    };
    const { plans, diagnostics } = compilePart(part, { dataFile: read });
    expect(diagnostics).toEqual([]);
    expect(plans[0]?.data).toMatchObject({
      handbook: { name: 'first-day.pdf', type: 'application/pdf', size: 4, base64: 'JVBERg==' },
    });
  });

  it('in a table have their columns checked where the rows are known', () => {
    const part = runbook('a.csv').replace('contract.vendor', "table(data.contracts, ['vendor', 'endDat'])");
    expect(told({ 'a.csv': 'vendor,endDate\nNorth,2026-12-31\n' }, part)).toMatch(
      /CS1305\n {2}`a row of data\.contracts` has no `endDat`[\s\S]*Did you mean `endDate`/,
    );
  });

  it('that are quoted wrongly or named twice are told at their line', () => {
    expect(told({ 'a.csv': 'vendor,endDate\n"North,2026-12-31\n' }, runbook('a.csv'))).toMatch(
      /a\.csv:\d.*CS2102/,
    );
    expect(told({ 'a.csv': 'vendor,vendor,endDate\n' }, runbook('a.csv'))).toMatch(
      /two columns are called "vendor"/,
    );
  });
});
