import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../plan/plan.ts';
import { jira } from './jira.ts';

const moved: JsonObject = {
  webhookEvent: 'jira:issue_updated',
  timestamp: 5,
  user: { displayName: 'Sam', emailAddress: 'Sam@Example.com' },
  issue: {
    id: 77,
    key: 'HR-1',
    self: 'https://example.atlassian.net/rest/api/2/77',
    fields: {
      summary: 'New hire',
      project: { key: 'HR' },
      issuetype: { name: 'New hire' },
      reporter: { displayName: 'Robin', accountId: 'r1' },
    },
  },
  changelog: { id: 900, items: [{ field: 'status', fromString: 'Waiting', toString: 'Approved' }] },
};

describe('What a Jira delivery says', () => {
  it('is read whole when it is whole, numbers and all', () => {
    expect(jira.read(moved)).toMatchObject({
      transition: {
        key: '77:900',
        project: 'HR',
        type: 'New hire',
        from: { label: 'Waiting' },
        to: { label: 'Approved' },
        ticket: { key: 'HR-1', id: '77', url: 'https://example.atlassian.net/browse/HR-1' },
        // The reporter's address is hidden: they are their account, and not whoever moved the ticket.
        requester: { id: 'jira:r1', name: 'Robin' },
      },
    });
  });

  it('never takes the `toString` that every object inherits for a status', () => {
    const items = [{ field: 'status', fromString: 'Waiting' }];
    expect(jira.read({ ...moved, changelog: { items } })).toHaveProperty('edit');
  });

  it('may be an edit: which fields changed, and who changed them', () => {
    const items = [{ field: 'Start date', fieldId: 'customfield_10103', toString: '2027-01-04' }];
    expect(jira.read({ ...moved, changelog: { id: 901, items } })).toMatchObject({
      edit: {
        key: '77:901',
        changed: ['customfield_10103'],
        by: { id: 'sam@example.com' },
        ticket: { key: 'HR-1' },
      },
    });
    const stayed = [{ field: 'status', fromString: 'A', toString: 'A' }];
    expect(jira.read({ ...moved, changelog: { items: stayed } })).toHaveProperty('edit');
  });

  it('tells two changes apart where Jira did not number them', () => {
    const keyAt = (timestamp: number) => {
      const reading = jira.read({
        ...moved,
        timestamp,
        changelog: { items: [{ field: 'status', toString: 'Approved' }] },
      });
      return 'transition' in reading ? reading.transition.key : '';
    };
    expect(keyAt(1)).toBe(keyAt(1));
    expect(keyAt(1)).not.toBe(keyAt(2));
  });

  it.each<[string, JsonObject, string]>([
    ['nothing', {}, 'it is not about an issue'],
    ['an unfilled template', { ...moved, issue: { key: '{{issue.key}}', fields: {} } }, 'it names no issue'],
    ['another event', { ...moved, webhookEvent: 'jira:issue_created' }, 'not a change of status'],
    ['no event', { issue: { key: 'HR-1' } }, 'it is not an event'],
    ['no fields', { ...moved, issue: { key: 'HR-1' } }, 'HR-1 came without its fields'],
  ])('with %s is not for us, saying why', (_, delivery, words) => {
    const reading = jira.read(delivery);
    expect('notForUs' in reading ? reading.notForUs : '').toContain(words);
  });
});

describe('The bare issue that a rule of Jira Automation sends', () => {
  const fields = {
    summary: 'New hire',
    status: { name: 'Approved' },
    updated: '2026-11-25T09:00:00.000+0000',
    project: { key: 'HR' },
    issuetype: { name: 'New hire' },
    reporter: { displayName: 'Sam', emailAddress: 'sam@example.com' },
  };
  const issue: JsonObject = {
    id: '77',
    key: 'HR-1',
    self: 'https://example.atlassian.net/rest/api/2/77',
    fields,
  };

  it('is a move to the status that it has, from nobody knows where', () => {
    const reading = jira.read(issue);
    expect(reading).toMatchObject({
      transition: {
        key: '77:Approved@2026-11-25T09:00:00.000+0000',
        project: 'HR',
        type: 'New hire',
        to: { label: 'Approved' },
        requester: { id: 'sam@example.com' },
        by: { id: 'jira:automation' },
      },
    });
    expect('transition' in reading && reading.transition.from).toBeUndefined();
  });

  it('is not for us without its status, or with its template not filled in', () => {
    expect(jira.read({ ...issue, fields: { ...fields, status: null } })).toHaveProperty('notForUs');
    expect(jira.read({ ...issue, key: '{{issue.key}}' })).toHaveProperty('notForUs');
  });

  it('is believed with the secret in its header, and only where it is not signed', () => {
    const given = (headers: Record<string, string>) =>
      jira.doubt(
        { header: (name) => headers[name], body: Buffer.from('{}'), receivedAt: Date.now() },
        'the secret',
      );
    expect(given({ 'x-countersign-secret': 'the secret' })).toBeUndefined();
    expect(given({ 'x-countersign-secret': 'the secrex' })).toContain('is not the secret');
    expect(given({ 'x-countersign-secret': '' })).toContain('is not the secret');
    expect(given({ 'x-countersign-secret': 'the secret', 'x-hub-signature': 'sha256=00' })).toContain(
      'not 64 hexadecimal digits',
    );
    expect(given({})).toContain('not signed');
  });
});
