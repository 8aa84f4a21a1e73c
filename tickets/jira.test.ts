import { describe, expect, it } from '@jest/globals';
import type { JsonObject, TicketTrigger } from '../plan/plan.ts';
import { misfit } from './match.ts';
import { shippedSystem } from './testing.ts';

const jira = shippedSystem('jira');

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
        // The number that Jira gave the change, and the moment where it gave none.
        order: { number: 900, at: 5 },
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

  it('has the request type of a service desk too, whichever field holds it', () => {
    const fields = {
      ...(moved.issue as JsonObject as { fields: JsonObject }).fields,
      customfield_10010: { requestType: { id: '25', name: 'A new colleague' }, currentStatus: {} },
    };
    const reading = jira.read({ ...moved, issue: { ...(moved.issue as JsonObject), fields } });
    expect(reading).toMatchObject({ transition: { type: 'New hire', requestType: 'A new colleague' } });
    if (!('transition' in reading)) return;
    const trigger = {
      type: 'ticket',
      system: 'jira',
      to: 'Approved',
      inputs: {},
    } as unknown as TicketTrigger;
    expect(misfit({ ...trigger, ticketType: 'a new colleague' }, reading.transition)).toBeUndefined();
    expect(misfit({ ...trigger, ticketType: 'New hire' }, reading.transition)).toBeUndefined();
    expect(misfit({ ...trigger, ticketType: 'Leaver' }, reading.transition)).toContain(
      "the ticket's New hire or A new colleague",
    );
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
    [
      'another event',
      { ...moved, webhookEvent: 'comment_created' },
      'the event is comment_created. Let the webhook send Issue: created, updated and deleted',
    ],
    [
      'an event of that name on every object',
      { ...moved, webhookEvent: 'toString' },
      'the event is toString',
    ],
    ['no event', { issue: { key: 'HR-1' } }, 'neither an event of a webhook'],
    [
      'a created issue of no status',
      { ...moved, webhookEvent: 'jira:issue_created' },
      'HR-1 was created, and came without its status',
    ],
    [
      'a post function that does not say where to',
      { issue: moved.issue ?? {}, transition: { transitionName: 'Approve' } },
      'does not say where HR-1 moved to (transition.to_status is missing)',
    ],
    ['no fields', { ...moved, issue: { key: 'HR-1' } }, 'HR-1 came without its fields'],
  ])('with %s is not for us, saying why', (_, delivery, words) => {
    const reading = jira.read(delivery);
    expect('notForUs' in reading ? reading.notForUs : '').toContain(words);
  });
});

describe('A Jira webhook of another kind', () => {
  const issue = moved.issue as JsonObject;
  const withStatus = (name: string): JsonObject => ({
    ...issue,
    fields: { ...(issue.fields as JsonObject), status: { id: '3', name } },
  });

  it('of a created issue is a move into the status that it was created in', () => {
    const { changelog: _, ...rest } = moved;
    const body: JsonObject = { ...rest, webhookEvent: 'jira:issue_created', issue: withStatus('Approved') };
    const reading = jira.read(body);
    expect(reading).toMatchObject({
      transition: { key: '77:created', to: { label: 'Approved' }, requester: { id: 'jira:r1' } },
    });
    expect('transition' in reading && reading.transition.from).toBeUndefined();
  });

  it('of a deleted issue says which it was and who deleted it, also without its fields', () => {
    const body = { ...moved, webhookEvent: 'jira:issue_deleted', issue: { id: 77, key: 'HR-1' } };
    expect(jira.read(body)).toMatchObject({
      deletion: { key: '77:deleted', ticket: { key: 'HR-1', id: '77' }, by: { id: 'sam@example.com' } },
    });
  });

  // Atlassian: Trigger a webhook from a workflow, by a post function.
  const postFunction: JsonObject = {
    timestamp: 1_700_000_000_000,
    comment: '',
    user: { displayName: 'Sam', emailAddress: 'Sam@Example.com' },
    transition: {
      workflowId: 20347,
      workflowName: 'Hiring',
      transitionId: 171,
      transitionName: 'Approve',
      from_status: 'Waiting',
      to_status: 'Approved',
    },
    issue: withStatus('Waiting'),
  };

  it('of a post function is the transition that it names, whatever status the issue still has', () => {
    expect(jira.read(postFunction)).toMatchObject({
      transition: {
        key: '77:171>Approved@1700000000000',
        project: 'HR',
        from: { label: 'Waiting' },
        to: { label: 'Approved' },
        by: { id: 'sam@example.com' },
        payload: { fields: { summary: 'New hire', status: { name: 'Approved' } } },
      },
    });
  });

  it('of a post function tells two passes through the same transition apart, and a repeated delivery from neither', () => {
    const keyAt = (timestamp: number) => {
      const reading = jira.read({ ...postFunction, timestamp });
      return 'transition' in reading ? reading.transition.key : '';
    };
    expect(keyAt(1)).toBe(keyAt(1));
    expect(keyAt(1)).not.toBe(keyAt(2));
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
