import { describe, expect, it } from '@jest/globals';
import { planOf, testCatalogue } from '../testing.ts';
import { readTestFile } from './read.ts';

const plan =
  planOf(`inputs: { who: { type: string }, all: { type: array, items: { type: string }, default: [] } }
steps:
  - id: sign
    approve: { from: [role:it-managers], within: 1d }
  - uses: mail.send
    with: { to: a@example.com, subject: "\${{ inputs.who }}", text: "\${{ join(inputs.all, ', ') }}" }`);

const names = {
  organisation: { domain: 'example.com', sites: [{ city: 'Graz' }] },
  roles: { board: { people: ['one@example.com', 'two@example.com'] } },
};

function read(test: string) {
  const text = `tests:\n  - name: x\n    ${test}\n`;
  return readTestFile({
    path: 'x.test.yaml',
    text,
    beside: plan.runbook,
    plans: [plan],
    catalogue: testCatalogue,
    names,
  });
}

describe('What a test names of the organisation', () => {
  it('is its value: whole, within a text, and as a list', () => {
    const who = 'who: "x@${{ organisation.domain }} in ${{ organisation.sites[0].city }}"';
    const { file } = read(`inputs: { ${who}, all: '\${{ roles["board"] }}' }`);
    expect(file?.tests[0]?.inputs).toEqual({
      who: 'x@example.com in Graz',
      all: ['one@example.com', 'two@example.com'],
    });
  });

  it('is a person of a role where one acts, asks or is told, and a word elsewhere', () => {
    const { file } = read(
      'requester: role:board\n    inputs: { who: role:board }\n    events: [{ approve: sign, by: role:board#2 }]',
    );
    const [test] = file?.tests ?? [];
    expect([test?.requester, test?.inputs.who, test?.events[0]?.by]).toEqual([
      'one@example.com',
      'role:board',
      'two@example.com',
    ]);
  });

  it('is told where there is no such name', () => {
    const told = (test: string) => read(test).diagnostics.map(({ code, message }) => `${code} ${message}`);
    expect(told('requester: role:bord')).toEqual([
      'CS1809 Nothing is called `role:bord` here. There are `board`.',
    ]);
    expect(told('requester: role:board#3')[0]).toMatch(/There are `role:board#1` or `role:board#2`/);
    expect(told('inputs: { who: "${{ organisation.domian }}" }')[0]).toMatch(/There are `domain` or `sites`/);
    expect(told('inputs: { who: "${{ inputs.x }}" }')[0]).toMatch(/There are `organisation` or `roles`/);
  });
});
