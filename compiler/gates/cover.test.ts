import { describe, expect, it } from '@jest/globals';
import type { Step } from '../../plan/plan.ts';
import { planFrom, planOf } from '../testing.ts';
import { carriedCover, coversOf } from './cover.ts';

function coverOf(part: string, gate = 'sign') {
  return (coversOf(planOf(part))[gate] ?? []).map(({ path }) => path).sort();
}

const inputs = `inputs:
  person: { type: string, format: email }
  manager: { type: string, format: email }
  go: { type: boolean, default: true }
`;

describe('the cover of an approval', () => {
  it('is what decides whether, on what and by whom a step behind it acts, and who is asked', () => {
    const part = `${inputs}steps:
  - id: who
    uses: entra.getUser
    with: { user: "\${{ inputs.person }}" }
  - id: sign
    approve: { from: ["\${{ inputs.manager }}"], show: { person: "\${{ inputs.person }}", id: "\${{ steps.who.output.id }}" } }
  - id: remove
    if: inputs.go
    uses: entra.deleteUser
    with: { user: "\${{ steps.who.output.id }}" }
`;
    const [leaf] = coversOf(planOf(part)).sign ?? [];
    expect(leaf).toEqual({ path: 'inputs.manager', source: 'input', readers: ['sign'], shown: false });
    expect(coverOf(part)).toEqual(['inputs.go', 'inputs.manager', 'steps.who.output.id']);
    expect(coversOf(planOf(part)).sign?.find(({ path }) => path === 'inputs.go')?.readers).toEqual([
      'remove',
    ]);
    expect(coversOf(planOf(part)).sign?.find(({ path }) => path.startsWith('steps'))).toEqual({
      path: 'steps.who.output.id',
      source: 'step',
      readers: ['remove'],
      shown: true,
    });
  });

  it('knows where each leaf comes from, and which are sealed', () => {
    const part = `inputs:
  pay: { type: string, sensitive: true }
steps:
  - id: sign
    approve: { from: [role:it-managers] }
  - id: place
    task: { to: role:it-coordinators, instructions: Place it, form: { desk: { type: string } } }
  - id: shipped
    wait: { event: order.shipped, key: "\${{ ticket.key }}" }
  - id: make
    uses: entra.createUser
    with: { userPrincipalName: a@example.com, displayName: "\${{ steps.place.output.desk }}", usageLocation: DE }
  - id: tell
    uses: mail.send
    with: { to: a@example.com, subject: "\${{ steps.shipped.output.serial }}", text: "\${{ steps.make.output.password }} \${{ inputs.pay }}" }
`;
    const leaves = coversOf(planOf(part)).sign ?? [];
    expect(leaves.map(({ path, source, sealed }) => [path, source, sealed ?? false])).toEqual([
      ['ticket.key', 'ticket', false],
      ['steps.place.output.desk', 'task', false],
      ['steps.shipped.output.serial', 'event', false],
      ['steps.make.output.password', 'step', true],
      ['inputs.pay', 'input', true],
    ]);
  });

  it('leaves out what comes from the approval itself, and what an undo reads of its own step', () => {
    const part = `steps:
  - id: sign
    approve: { from: [role:it-managers] }
  - id: make
    uses: entra.createUser
    with: { userPrincipalName: a@example.com, displayName: "\${{ steps.sign.approvers[0] }}", usageLocation: DE }
    undo:
      uses: entra.deleteUser
      with: { user: "\${{ steps.make.output.id }}" }
`;
    expect(coverOf(part)).toEqual([]);
  });

  it('holds what decides an undo, and what stands around a step behind it', () => {
    const part = `inputs:
  people: { type: array, items: { type: object, properties: { mail: { type: string }, note: { type: string } }, required: [mail, note] } }
  spare: { type: string }
steps:
  - id: sign
    approve: { from: [role:it-managers] }
  - id: each
    forEach: inputs.people
    as: person
    steps:
      - id: join
        uses: entra.addGroupMember
        with: { group: all, user: "\${{ person.mail }}" }
        undo:
          uses: entra.deleteUser
          with: { user: "\${{ inputs.spare }}" }
`;
    expect(coverOf(part)).toEqual(['inputs.people[*]', 'inputs.spare']);
  });

  it('of one that may not be asked for holds what comes after it, and tells that it can run without', () => {
    const part = `${inputs}steps:
  - id: sign
    if: inputs.go
    approve: { from: ["\${{ inputs.manager }}"] }
  - id: remove
    uses: entra.deleteUser
    with: { user: "\${{ inputs.person }}" }
`;
    expect(coversOf(planOf(part)).sign).toContainEqual({
      path: 'inputs.person',
      source: 'input',
      readers: ['remove'],
      loose: ['remove'],
      shown: false,
    });
  });

  it('of one that may not be asked for among the closing steps holds what comes after it there', () => {
    const part = `${inputs}steps:
  - uses: entra.getUser
    with: { user: a@example.com }
finally:
  - id: sign
    if: inputs.go
    approve: { from: [role:it-managers] }
  - id: remove
    uses: entra.deleteUser
    with: { user: "\${{ inputs.person }}" }
`;
    expect(coversOf(planOf(part)).sign).toContainEqual({
      path: 'inputs.person',
      source: 'input',
      readers: ['remove'],
      loose: ['remove'],
      shown: false,
    });
  });

  it('of one in a branch or for one item holds nothing beside it', () => {
    const part = `${inputs}steps:
  - parallel:
      a:
        - id: sign
          approve: { from: [role:it-managers] }
      b:
        - uses: entra.deleteUser
          with: { user: "\${{ inputs.person }}" }
  - forEach: '["x"]'
    as: name
    steps:
      - id: each
        approve: { from: [role:it-managers] }
  - uses: entra.deleteUser
    with: { user: "\${{ inputs.manager }}" }
`;
    expect(coverOf(part)).toEqual(['inputs.manager']);
    expect(coverOf(part, 'each')).toEqual([]);
  });

  it('of one that may be refused holds what asks for its signature', () => {
    const part = `${inputs}steps:
  - id: sign
    approve: { from: [role:it-managers], within: 1d, onReject: continue }
  - uses: entra.deleteUser
    if: steps.sign.status == "succeeded"
    with: { user: "\${{ inputs.person }}" }
  - uses: entra.getUser
    with: { user: "\${{ inputs.manager }}" }
`;
    expect(coverOf(part)).toEqual(['inputs.person']);
  });

  it('of one that is given afterwards holds the steps after it', () => {
    const part = `${inputs}steps:
  - id: sign
    approve: { from: [role:it-managers], within: 1d, retroactive: true }
  - uses: entra.deleteUser
    with: { user: "\${{ inputs.person }}" }
`;
    expect(coverOf(part)).toEqual(['inputs.person']);
  });

  it('of a caller holds all that a called runbook reads', () => {
    const part = `runbook: called
${inputs}steps:
  - id: who
    uses: entra.getUser
    with: { user: "\${{ inputs.person }}" }
  - uses: entra.deleteUser
    with: { user: "\${{ steps.who.output.id }}" }
`;
    expect(carriedCover(planOf(part)).map(({ path }) => path)).toEqual([
      'inputs.person',
      'steps.who.output.id',
    ]);
  });

  it('of two hundred leaves and more is told by what stands around them', () => {
    const steps: Step[] = [
      { id: 'sign', kind: 'approve', from: [], quorum: 1 },
      {
        id: 'act',
        kind: 'action',
        uses: 'x',
        effect: 'write',
        with: Array.from({ length: 250 }, (_, index) => ({ $expr: `inputs.a.f${index}` })),
      },
    ];
    expect(coversOf(planFrom(steps)).sign?.map(({ path }) => path)).toEqual(['inputs.a']);
  });

  it('is computed for a plan of before, and never again where it is stored', () => {
    const plan = planOf(`${inputs}steps:
  - id: sign
    approve: { from: [role:it-managers] }
  - uses: entra.deleteUser
    with: { user: "\${{ inputs.person }}" }
`);
    const { covers, ...old } = plan;
    expect(coversOf(old)).toEqual(coversOf(plan));
    expect(coversOf({ ...plan, covers: {} })).toEqual({});
    expect(covers?.sign).toEqual([{ path: 'inputs.person', readers: ['step2'] }]);
  });
});
