import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../compiler/plan.ts';
import { readJiraDelivery } from './jira.ts';
import { jiraSignatureProblem } from './signature.ts';

const secret = 'a secret';
const body = Buffer.from('{"webhookEvent":"jira:issue_updated"}');
const signature = createHmac('sha256', secret).update(body).digest('hex');

describe('A Jira signature', () => {
  it('over the very bytes with the very secret is believed', () => {
    expect(jiraSignatureProblem(`sha256=${signature}`, body, secret)).toBeUndefined();
    expect(jiraSignatureProblem(`sha256=${signature.toUpperCase()}`, body, secret)).toBeUndefined();
  });

  it('fails when any single bit of the body is changed', () => {
    for (let bit = 0; bit < body.length * 8; bit += 1) {
      const changed = Buffer.from(body);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(jiraSignatureProblem(`sha256=${signature}`, changed, secret)).toContain('does not match');
    }
  });

  it('fails when any single bit of the signature is changed', () => {
    const bytes = Buffer.from(signature, 'hex');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(jiraSignatureProblem(`sha256=${changed.toString('hex')}`, body, secret)).toContain(
        'does not match',
      );
    }
  });

  it.each([
    [undefined, 'not signed'],
    ['', 'not signed'],
    ['sha256', 'not 64 hexadecimal digits'],
    ['sha256=', 'not 64 hexadecimal digits'],
    ['sha256=zz', 'not 64 hexadecimal digits'],
    [`sha256=${signature}=x`, 'only sha256 is accepted'],
    [`md5=${signature}`, 'only sha256 is accepted'],
  ])('written as %s is refused, saying why', (header, words) => {
    expect(jiraSignatureProblem(header, body, secret)).toContain(words);
  });
});

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
    expect(readJiraDelivery(moved)).toMatchObject({
      transition: {
        key: '77:900',
        project: 'HR',
        type: 'New hire',
        from: 'Waiting',
        to: 'Approved',
        ticket: { key: 'HR-1', id: '77', url: 'https://example.atlassian.net/browse/HR-1' },
        // The reporter's address is hidden, so whoever moved the ticket asks.
        requester: { id: 'sam@example.com', name: 'Sam' },
      },
    });
  });

  it('never takes the `toString` that every object inherits for a status', () => {
    const items = [{ field: 'status', fromString: 'Waiting' }];
    expect(readJiraDelivery({ ...moved, changelog: { items } })).toHaveProperty('edit');
  });

  it('may be an edit: which fields changed, and who changed them', () => {
    const items = [{ field: 'Start date', fieldId: 'customfield_10103', toString: '2027-01-04' }];
    expect(readJiraDelivery({ ...moved, changelog: { id: 901, items } })).toMatchObject({
      edit: {
        key: '77:901',
        changed: ['customfield_10103'],
        by: { id: 'sam@example.com' },
        ticket: { key: 'HR-1' },
      },
    });
    const stayed = [{ field: 'status', fromString: 'A', toString: 'A' }];
    expect(readJiraDelivery({ ...moved, changelog: { items: stayed } })).toHaveProperty('edit');
  });

  it('tells two changes apart where Jira did not number them', () => {
    const keyAt = (timestamp: number) => {
      const reading = readJiraDelivery({
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
    const reading = readJiraDelivery(delivery);
    expect('notForUs' in reading ? reading.notForUs : '').toContain(words);
  });
});
