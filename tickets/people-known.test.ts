import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../plan/plan.ts';
import { withPeopleKnown } from './people-known.ts';
import { shippedSystem } from './testing.ts';

const jira = shippedSystem('jira');

const body = (reporter: JsonObject): JsonObject => ({
  webhookEvent: 'jira:issue_updated',
  user: { accountId: 'm1', emailAddress: 'mover@example.com', displayName: 'Mover' },
  changelog: { id: '1', items: [{ field: 'status', fromString: 'Open', toString: 'Approved' }] },
  issue: {
    id: '10001',
    key: 'HR-1',
    fields: { reporter, status: { name: 'Approved' }, project: { key: 'HR' } },
  },
});

function requesterOf(reporter: JsonObject, tickets: Record<string, unknown>) {
  const reading = withPeopleKnown(jira.read(body(reporter)), tickets);
  if (!('transition' in reading)) throw new Error(JSON.stringify(reading));
  return reading.transition.requester;
}

const people = { 'account:r1': 'Robin@example.com', r2: 'role:cab' };

describe('Whoever asked, where Jira hides their address', () => {
  it('is known by the account that the configuration lists', () => {
    expect(
      requesterOf({ accountId: 'account:r1', displayName: 'Robin' }, { jira: { people } }),
    ).toMatchObject({ id: 'robin@example.com', name: 'Robin' });
  });

  it('stays their account where it is not listed, and is never another person', () => {
    const unknown = { accountId: 'r9', displayName: 'Robin' };
    for (const tickets of [
      {},
      { jira: {} },
      { jira: { people } },
      { servicenow: { people: { r9: 'x@example.com' } } },
    ])
      expect(requesterOf(unknown, tickets)).toMatchObject({ id: 'jira:r9' });
    expect(requesterOf({ accountId: 'toString' }, { jira: { people } }).id).toBe('jira:toString');
  });

  it('is not known by what is no address', () => {
    expect(requesterOf({ accountId: 'r2' }, { jira: { people } }).id).toBe('jira:r2');
  });

  it('is known by the address that Jira tells, whatever is listed', () => {
    const told = { accountId: 'account:r1', emailAddress: 'r.sato@example.com' };
    expect(requesterOf(told, { jira: { people } }).id).toBe('r.sato@example.com');
  });
});
