import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { TestCase } from '../compiler/test-file/types.ts';
import { planOf } from '../compiler/testing.ts';
import type { JsonObject } from '../plan/plan.ts';
import { startedBy } from './test-payload.ts';

const plan = planOf(`on:
  - ticket: { system: jira, project: HR, type: New hire, to: Approved }
    inputs: { who: "\${{ ticket.fields.customfield_10101 }}" }
inputs: { who: { type: string } }
unique: \${{ inputs.who }}
`);

const payload = (to: string): JsonObject => ({
  timestamp: 1_767_600_000_000,
  webhookEvent: 'jira:issue_updated',
  user: { accountId: 'x', emailAddress: 'k.ito@example.com', displayName: 'K. Ito' },
  issue: {
    id: '10001',
    key: 'HR-1',
    self: 'https://example.atlassian.net/rest/api/3/issue/10001',
    fields: {
      summary: 'New hire',
      project: { key: 'HR' },
      issuetype: { name: 'New hire' },
      status: { name: to },
      reporter: { accountId: 'y', emailAddress: 'd.reyes@example.com' },
      customfield_10101: 'a.lee@example.com',
    },
  },
  changelog: { id: '1', items: [{ field: 'status', fromString: 'Open', toString: to }] },
});

const test: TestCase = {
  name: 'it',
  line: 1,
  inputs: { who: 'somebody.else@example.com' },
  actions: {},
  events: [],
  expect: { status: 'succeeded' },
};

describe('a test that says what the ticket system sends', () => {
  it('starts with the inputs, the ticket and the requester that the trigger makes of it', () => {
    const started = startedBy({ ...test, payload: payload('Approved') }, 'x.test.yaml', plan, [plan]);
    expect(started).toMatchObject({
      test: {
        inputs: { who: 'a.lee@example.com' },
        ticket: { system: 'jira', key: 'HR-1', id: '10001' },
        requester: expect.stringMatching(/@example\.com$/),
      },
    });
  });

  it('may name a file beside it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-payload-'));
    writeFileSync(join(folder, 'hire.json'), JSON.stringify(payload('Approved')));
    const started = startedBy({ ...test, payload: 'hire.json' }, join(folder, 'x.test.yaml'), plan, [plan]);
    rmSync(folder, { recursive: true });
    expect(started).toMatchObject({ test: { inputs: { who: 'a.lee@example.com' } } });
  });

  it('fails where the gateway would start nothing, and says why', () => {
    const started = (given: JsonObject | string) =>
      startedBy({ ...test, payload: given }, 'x.test.yaml', plan, [plan]) as { problem: string };
    expect(started(payload('Refused')).problem).toContain('no runbook is triggered by HR-1');
    expect(started({ hello: 1 }).problem).toContain('no ticket system sends this');
    expect(started('missing.json').problem).toContain('missing.json');
  });
});
