/** Bodies that other senders have published, through the gateway's own rules: what each of them would start, or why not. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { foretell } from '../cli/trigger-test.ts';
import { compilePart, testConfiguration } from '../compiler/testing.ts';
import { specsFolder } from '../sandbox/contract.ts';
import { ticketSystem } from '../tickets/systems.ts';
import { parseBody } from '../tickets/ticket-system.ts';
import { withoutContracts } from './support/skipped.ts';

const payloads = join(specsFolder(), 'payloads');
const hasPayloads = existsSync(payloads);
if (!hasPayloads) withoutContracts('payloads that others published');

const configuration = testConfiguration.replace(
  /^ {2}jira: .*$/m,
  (line) => `${line}\n${line.replace('jira', 'zendesk')}`,
);

function runbook(name: string, trigger: string, inputs: string, given: string, system = 'jira') {
  const { plans, diagnostics } = compilePart(
    `runbook: ${name}
title: ${name}
kind: other
owner: role:it-coordinators
on:
  - ticket: { system: ${system}, ${trigger} }
    inputs: ${given}
inputs: ${inputs}
unique: "\${{ inputs.what }}"
steps:
  - uses: mail.send
    with: { to: [c.kim@example.com], subject: "\${{ inputs.what }}", text: x }
`,
    { configuration },
  );
  const [plan] = plans;
  if (!plan) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return plan;
}

const what = '{ what: { type: string, minLength: 1 } }';
const summary = '{ what: "${{ ticket.fields.summary }}" }';

const plans = hasPayloads
  ? [
      runbook('story', 'project: TES, type: Story, from: To Do, to: In Progress', what, summary),
      runbook('story-begun', 'project: TES, type: Story, to: To Do', what, summary),
      // What it asks for is not in the ticket.
      runbook(
        'database-change',
        'project: API, to: In Progress',
        what,
        '{ what: "${{ ticket.fields.approver }}" }',
      ),
      // A rule of Jira Automation says no status before.
      runbook('infraction', 'project: COMPSUPCLI, to: new', what, summary),
      runbook(
        'login',
        'type: Problem, project: "8447320466430", from: Open, to: Solved',
        what,
        summary.replace('summary', 'subject'),
        'zendesk',
      ),
      runbook('task', 'type: task, to: Open', what, summary.replace('summary', 'subject'), 'zendesk'),
      runbook('infraction-reopened', 'project: COMPSUPCLI, from: Closed, to: New', what, summary),
    ]
  : [];

type Expected =
  | { starts: string; inputs: Record<string, unknown>; requester: string }
  | { rejected: RegExp }
  | { notForUs: RegExp };

const expected: Record<string, Expected> = {
  'jira-1.json': {
    starts: 'story',
    inputs: { what: 'Unit test summary 1' },
    requester: 'some-instance-test@example.com',
  },
  'jira-3.json': { notForUs: /TES-4 \(Bug of project TES\) moving from Resolved to Closed/ },
  'jira-5.json': { rejected: /API-1 cannot start database-change. Input "what": .* No such key: approver/ },
  // Created straight into its status.
  'jira-8.json': {
    starts: 'story-begun',
    inputs: { what: 'Unit test summary' },
    requester: 'some-instance-test@example.com',
  },
  'jira-9.json': { notForUs: /no runbook is triggered by TEST-1 \(Task of project ABC\)/ },
  'jira-13.json': { notForUs: /HC-1001 came without its fields/ },
  'jira-16.json': { notForUs: /JIRATEST1-14 came without its fields/ },
  'jira-automation-1.json': { notForUs: /it is not about an issue/ },
  'jira-automation-3.json': { notForUs: /names no issue \(issue.key is missing or not filled in\)/ },
  'jira-automation-6.json': {
    starts: 'infraction',
    inputs: { what: 'teste do end-to end' },
    requester: 'test@example.com',
  },
  'jsm-1.json': { notForUs: /it is not about an issue/ },
  'servicenow-1.json': { notForUs: /does not say what happened \(event is missing\)/ },
  'servicenow-3.json': { notForUs: /does not say what happened \(event is missing\)/ },
  'servicenow-5.json': { notForUs: /an answer of the Table API/ },
  'servicenow-6.json': { notForUs: /an answer of the Table API/ },
  'servicenow-7.json': { notForUs: /does not say what happened \(event is missing\)/ },
  'freshservice-1.json': { notForUs: /displayName is a placeholder that Freshservice did not fill in/ },
  'freshservice-4.json': { notForUs: /does not say what it is about \(countersign is missing\)/ },
  'freshservice-5.json': { notForUs: /licensedSku is a placeholder that Freshservice did not fill in/ },
  'freshservice-6.json': { notForUs: /reference is a placeholder that Freshservice did not fill in/ },
  'freshservice-7.json': { notForUs: /ticket_id is a placeholder that Freshservice did not fill in/ },
  'freshservice-8.json': { notForUs: /change_id is a placeholder that Freshservice did not fill in/ },
  'freshservice-approval-1.json': { notForUs: /does not say what it is about \(countersign is missing\)/ },
  'zendesk-1.json': { notForUs: /neither an event \(type is missing\) nor the body of a trigger/ },
  'zendesk-2.json': {
    starts: 'login',
    inputs: { what: 'Cannot login to mobile app' },
    requester: 'zendesk:8447388090494',
  },
  'zendesk-event-1.json': { notForUs: /5158 \(of no kind\) moving from Open to Solved/ },
  'zendesk-event-2.json': {
    starts: 'task',
    inputs: { what: 'ticketinfo_2294a6e9ece2' },
    requester: 'zendesk:8447388090494',
  },
  'zendesk-event-3.json': { notForUs: /the event is zen:event-type:user.active_changed/ },
  'zendesk-event-4.json': { notForUs: /35436 \(of no kind\) moving from an unknown status to Open/ },
  'servicenow-8.json': { notForUs: /does not say what happened \(event is missing\)/ },
};

(hasPayloads ? describe : describe.skip)('A published payload', () => {
  it.each(Object.entries(expected))('%s gets its right answer', (name, wanted) => {
    const own = ['servicenow', 'zendesk', 'freshservice'].find((each) => name.startsWith(each));
    const system = ticketSystem(own ?? 'jira');
    const body = parseBody(readFileSync(join(payloads, name), 'utf8'));
    if (!system || !body) throw new Error(`${name} cannot be read`);
    const { outcome, reason, runbook, inputs, requester } = foretell(system, body, plans, undefined);
    if ('starts' in wanted)
      expect({ outcome, starts: runbook, inputs, requester: requester?.id }).toEqual({
        outcome: 'start',
        ...wanted,
      });
    else if ('rejected' in wanted)
      expect({ outcome, reason }).toEqual({
        outcome: 'rejected',
        reason: expect.stringMatching(wanted.rejected),
      });
    else
      expect({ outcome, reason }).toEqual({
        outcome: 'not for us',
        reason: expect.stringMatching(wanted.notForUs),
      });
  });

  it('of these systems is none that was forgotten', () => {
    const files = readdirSync(payloads).filter((name) =>
      /^(jira|jsm|servicenow|zendesk|freshservice)/.test(name),
    );
    expect(files.sort()).toEqual(Object.keys(expected).sort());
  });
});
