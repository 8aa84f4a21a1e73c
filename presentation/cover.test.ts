import { describe, expect, it } from '@jest/globals';
import { compilePart, planOf } from '../compiler/testing.ts';
import { coversInWords } from './cover.ts';

const called = `runbook: farewell
inputs: { who: { type: string } }
steps:
  - { id: find, uses: entra.getUser, with: { user: "\${{ inputs.who }}" } }
  - { uses: entra.deleteUser, with: { user: "\${{ steps.find.output.id }}" } }
`;

describe('a cover in words', () => {
  it('is told by where its values come from, what is shown first', () => {
    const plan = planOf(`inputs:
  who: { type: string, amend: free }
  pay: { type: string, sensitive: true, visibleTo: [role:it-managers], optional: true }
  people: { type: array, items: { type: object, properties: { mail: { type: string } }, required: [mail] } }
steps:
  - { id: sign, approve: { from: [role:it-managers], show: { who: "\${{ inputs.who }}" } } }
  - id: place
    task: { to: role:it-coordinators, instructions: "Place \${{ inputs.who }}", form: { desk: { type: string } } }
  - { id: gone, wait: { event: user.gone, key: "\${{ ticket.key }}" } }
  - uses: mail.send
    with:
      to: a@example.com
      subject: \${{ steps.place.output.desk }}
      text: \${{ join(inputs.people.map(one, one.mail), ",") }} \${{ steps.gone.output.name }}
`);
    expect(coversInWords(plan)).toEqual([
      {
        gate: 'sign',
        shown: [{ from: 'inputs', names: ['who (changes take effect at once)'] }],
        more: [
          { from: 'the ticket', names: ['key'] },
          { from: '`place`, reported by hand', names: ['desk'] },
          { from: 'inputs', names: ['mail of each of people'] },
          { from: '`gone`, the event user.gone', names: ['name'] },
        ],
      },
    ]);
  });

  it('holds what a called runbook reads itself', () => {
    const { plans } = compilePart(
      'steps:\n  - { id: sign, approve: { from: [role:it-managers] } }\n  - { runbook: farewell, with: { who: a@example.com } }\n',
      { others: [called] },
    );
    const [plan] = plans;
    const words = plan && coversInWords(plan, (name) => plans.find(({ runbook }) => runbook === name));
    expect(words).toEqual([
      { gate: 'sign', shown: [], more: [{ from: 'in `farewell`: `find`, by entra.getUser', names: ['id'] }] },
    ]);
  });
});
