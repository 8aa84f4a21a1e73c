import { describe, expect, it } from '@jest/globals';
import { descriptions } from '../activities/index.ts';
import { compile } from '../compiler/compile.ts';
import { catalogueOf } from '../plan/catalogue.ts';

const runbook = `runbook: report
title: Report
kind: review
owner: role:it-coordinators
data:
  contracts: { file: contracts.csv, columns: { vendor: string } }
inputs: { group: { type: string } }
steps:
  - id: members
    uses: entra.getUser
    with: { user: a@example.com }
  - id: signoff
    approve: { from: [role:it-coordinators] }
  - id: report
    uses: mail.send
    with:
      to: [a@example.com]
      subject: Report
      text: Report
      attachments:
        - { name: members.csv, csv: ["\${{ steps.members.output }}"], columns: [id] }
        - { name: group.html, html: "\${{ htmlEscape(inputs.group) }}" }
        - { name: contracts.csv, csv: "\${{ data.contracts }}" }
`;

function compiled(text: string, csv = 'vendor\nNorth\n') {
  return compile({
    files: [{ path: 'report.yaml', text }],
    catalogue: catalogueOf(descriptions()),
    dataFile: () => csv,
  });
}

describe('The attachments of a report behind an approval', () => {
  it('are covered by the signature, value by value, and by the hash of the plan', () => {
    const { plans, diagnostics } = compiled(runbook);
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    const [plan] = plans;
    const leaves = plan?.covers?.signoff?.filter(({ readers }) => readers.includes('report'));
    expect(leaves?.map(({ path }) => path).sort()).toEqual(['inputs.group', 'steps.members.output']);
    expect(compiled(runbook, 'vendor\nSouth\n').plans[0]?.hash).not.toBe(plan?.hash);
  });

  it('are checked as they are written', () => {
    const { diagnostics } = compiled(
      runbook.replace('{ name: group.html, html:', '{ nam: group.html, html:'),
    );
    expect(diagnostics.map(({ message }) => message).join('\n')).toContain('`nam`');
  });
});
