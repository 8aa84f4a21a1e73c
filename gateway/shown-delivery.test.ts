import { describe, expect, it } from '@jest/globals';
import { planOf } from '../compiler/testing.ts';
import { sealedText, shownDelivery } from './shown-delivery.ts';

const leaver = planOf(`runbook: leaver
on:
  - ticket: { system: jira, project: HR, to: Approved }
    inputs:
      who: \${{ ticket.fields.summary }}
      reason: \${{ ticket.fields.customfield_20001 }}
      pin: \${{ ticket.fields.customfield_20002 }}
inputs:
  who: { type: string }
  reason: { type: string, sensitive: true, visibleTo: [role:it-director] }
  pin: { type: integer, sensitive: true, visibleTo: [role:it-director] }
steps:
  - { id: look, uses: entra.getUser, with: { user: "\${{ inputs.who }}" } }`);
const other = planOf(`runbook: other
on:
  - ticket: { system: jira, project: OPS, to: Done }
    inputs: { who: "\${{ ticket.fields.summary }}" }
inputs:
  who: { type: string }
steps:
  - { id: look, uses: entra.getUser, with: { user: "\${{ inputs.who }}" } }`);

const issue = {
  id: '1',
  key: 'HR-1',
  self: 'https://example.com/rest/api/2/issue/1',
  fields: {
    summary: 'Lee leaves',
    description: 'It is canary-harassment, pin 4711.',
    customfield_20001: 'canary-harassment',
    customfield_20002: 4711,
    project: { key: 'HR' },
    issuetype: { name: 'Leaver' },
    status: { name: 'Approved' },
    updated: '2026-11-27T08:00:00.000+0000',
  },
};
const edit = {
  webhookEvent: 'jira:issue_updated',
  timestamp: 1,
  issue,
  user: { accountId: 'a1', displayName: 'Kim' },
  changelog: {
    id: '9',
    items: [
      {
        field: 'Reason',
        fieldId: 'customfield_20001',
        fromString: 'canary-before',
        toString: 'canary-harassment',
      },
      { field: 'status', fieldId: 'status', fromString: 'Open', toString: 'Approved' },
    ],
  },
};

describe('A delivery is shown', () => {
  it.each([
    ['a transition with its changelog', edit],
    ['the bare issue of a rule', issue],
  ])('without what a runbook seals, wherever it stands: %s', (_, body) => {
    const shown = shownDelivery('jira', JSON.stringify(body), [other, leaver]);
    expect(JSON.stringify(shown)).not.toMatch(/canary|4711(?!\d)/);
    expect(shown.body).toContain(sealedText);
    expect(shown.body).toContain('Lee leaves');
    expect(shown.reading).toMatchObject({ transition: { ticket: { key: 'HR-1', summary: 'Lee leaves' } } });
  });

  it('as it came where nothing is sealed', () => {
    const body = JSON.stringify(issue);
    expect(shownDelivery('jira', body, [other]).body).toBe(body);
  });

  it('not at all where it cannot be read, and something might be sealed in it', () => {
    expect(shownDelivery('jira', '{"reason":"canary', [leaver]).body).toBe(
      '(17 bytes that cannot be read, so nobody knows what is sealed in them)',
    );
  });
});
