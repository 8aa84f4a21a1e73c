import { describe, expect, it } from '@jest/globals';
import type { ApproveStep } from '../../plan/plan.ts';
import { compilePart, planOf } from '../testing.ts';

const gate = (form: string, more = '') => `steps:
  - id: sign
    approve: { from: [role:it-managers], within: 1d, form: ${form}${more} }
`;
const codesOf = (part: string) => compilePart(part).diagnostics.map(({ code }) => code);
const dated = '{ endDate: { type: string, format: date }, note: { type: string, optional: true } }';
const mail = (text: string) => `  - uses: mail.send
    with: { to: a@example.com, subject: Ends, text: "${text}" }
`;

describe('A form that whoever approves fills in', () => {
  it('stands in the plan, and gives its fields to the steps behind', () => {
    const { steps } = planOf(gate(dated) + mail('Ends on ${{ steps.sign.output.endDate }}'));
    expect((steps[0] as ApproveStep).form).toEqual({
      endDate: { type: 'string', format: 'date' },
      note: { type: 'string' },
    });
    expect((steps[0] as ApproveStep).optional).toEqual(['note']);
  });

  it('is typed like the form of a task: no other field is there, and one that may be left out must be cared for', () => {
    expect(codesOf(gate(dated) + mail('${{ steps.sign.output.ends }}'))).toHaveLength(1);
    expect(codesOf(gate(dated) + mail('${{ steps.sign.output.note }}'))).toHaveLength(1);
    expect(codesOf(gate(dated) + mail("${{ default(steps.sign.output.note, 'none') }}"))).toEqual([]);
  });

  it('may be missing where the runbook goes on after a refusal', () => {
    const refused = gate(dated, ', onReject: continue');
    expect(codesOf(refused + mail('${{ steps.sign.output.endDate }}'))).toHaveLength(1);
    expect(codesOf(refused + mail("${{ default(steps.sign.output.endDate, 'never') }}"))).toEqual([]);
  });

  it('is refused of an approval that comes afterwards, and for fields that would be sealed', () => {
    expect(codesOf(gate(dated, ', retroactive: true') + mail('Done'))).toEqual(['CS1756']);
    expect(codesOf(gate('{ pin: { type: string, sensitive: true } }') + mail('Done'))).toEqual(['CS1757']);
  });
});
