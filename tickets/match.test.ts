import { describe, expect, it } from '@jest/globals';
import { compilePart, planFrom } from '../compiler/testing.ts';
import type { JsonObject, TicketTrigger } from '../plan/plan.ts';
import { cancels, decide, followed, misfit, ticketTriggers } from './match.ts';
import { shippedSystem } from './testing.ts';
import type { Transition } from './ticket-system.ts';

const servicenow = shippedSystem('servicenow');

const body: JsonObject = {
  event: 'update',
  table: 'sc_req_item',
  sys_id: 'a1b2',
  number: 'RITM0010001',
  state: '2',
  state_label: 'Work in Progress',
  previous_state: '1',
  previous_state_label: 'Open',
  sys_mod_count: 3,
  requester: { email: 'sam.lindqvist@example.com', name: 'Sam Lindqvist' },
  short_description: 'Offboard Lou Maier',
  changed: ['state'],
  record: {
    cat_item: { value: 'c1', display_value: 'Offboard a person' },
    risk: '3',
    approver: { value: 'u1', display_value: 'Dana Reyes', email: 'dana.reyes@example.com' },
  },
  variables: { person: 'lou.maier@example.com', last_day: '2026-12-31', systems: 'mail,vpn' },
};

function transitionOf(more: JsonObject = {}): Transition {
  const reading = servicenow.read({ ...body, ...more });
  if ('transition' in reading) return reading.transition;
  throw new Error(JSON.stringify(reading));
}

const trigger = (more: Partial<TicketTrigger>): TicketTrigger => ({
  type: 'ticket',
  system: 'servicenow',
  to: 'Work in Progress',
  inputs: {},
  ...more,
});
const runbook = (name: string, more: Partial<TicketTrigger>) =>
  planFrom([], { runbook: name, triggers: [trigger(more)] });

describe('A ticket trigger for ServiceNow', () => {
  it.each<[string, Partial<TicketTrigger>]>([
    ['the label of the state', { to: ' work in progress ' }],
    ['the value of the state', { to: '2' }],
    ['the state before, by label', { from: 'Open' }],
    ['the state before, by value', { from: '1' }],
    ['table and catalogue item', { ticketType: 'sc_req_item', project: 'offboard a person' }],
    ['a condition over fields', { if: 'ticket.fields.risk == "3"' }],
    ['a condition over variables', { if: 'ticket.variables.systems.contains("vpn")' }],
    [
      'a condition over the ticket itself',
      { if: 'ticket.table == "sc_req_item" && ticket.key.startsWith("RITM")' },
    ],
  ])('fits by %s', (_, more) => {
    expect(misfit(trigger(more), transitionOf())).toBeUndefined();
  });

  it.each<[Partial<TicketTrigger>, string]>([
    [{ to: 'Closed Complete' }, 'it waits for Closed Complete, and the ticket moved to Work in Progress (2)'],
    [{ from: 'Pending' }, 'this one came from Open (1)'],
    [{ project: 'Order a laptop' }, "its project is Order a laptop, and the ticket's Offboard a person"],
    [{ ticketType: 'incident' }, "its type is incident, and the ticket's sc_req_item"],
    [{ if: 'ticket.variables.systems == "mail"' }, 'its condition does not hold'],
    [{ if: 'ticket.variables.nothing == "x"' }, 'its condition cannot be computed'],
  ])('that does not fit says why: %j', (more, words) => {
    expect(misfit(trigger(more), transitionOf())).toContain(words);
  });

  it('with `from` never fits a ticket of which nobody knows from where it came', () => {
    const fresh = transitionOf({ event: 'insert' });
    expect(misfit(trigger({}), fresh)).toBeUndefined();
    expect(misfit(trigger({ from: 'Open' }), fresh)).toContain('came from an unknown status');
  });
});

describe('What a transition starts', () => {
  it('is the one runbook that wants it, with inputs computed from fields and variables', () => {
    const [plan] = compilePart(
      `on:
  - ticket: { system: servicenow, type: sc_req_item, to: Work in Progress }
    inputs:
      who: \${{ ticket.variables.person }}
      approver: \${{ ticket.fields.approver.email }}
      systems: \${{ split(ticket.variables.systems, ",") }}
      about: \${{ "For " + ticket.key }}
      device: \${{ default(ticket.variables.device, "keep") }}
inputs:
  who: { type: string }
  approver: { type: string }
  systems: { type: array, items: { type: string } }
  about: { type: string }
  device: { type: string }
unique: "\${{ inputs.who + inputs.approver + inputs.about + inputs.device + string(size(inputs.systems)) }}"
`,
      { configuration: null },
    ).plans;
    if (!plan) throw new Error('no plan');
    expect(decide(transitionOf(), [runbook('other', { system: 'jira' }), plan])).toMatchObject({
      outcome: 'start',
      match: { plan: { runbook: plan.runbook } },
      inputs: {
        who: 'lou.maier@example.com',
        approver: 'dana.reyes@example.com',
        systems: ['mail', 'vpn'],
        about: 'For RITM0010001',
        device: 'keep',
      },
    });
  });

  it('is nothing when none wants it or several do, or an input cannot be computed', () => {
    expect(decide(transitionOf(), [])).toEqual({
      outcome: 'not for us',
      reason:
        'no runbook is triggered by RITM0010001 (sc_req_item of project Offboard a person) moving from Open (1) to Work in Progress (2)',
    });
    expect(decide(transitionOf(), [runbook('a', {}), runbook('b', { to: '2' })])).toMatchObject({
      outcome: 'rejected',
      reason: 'Several runbooks want this transition: a, b. Make their triggers differ.',
    });
    const inputs = { who: { $expr: 'ticket.variables.nobody' } };
    expect(decide(transitionOf(), [runbook('a', { inputs })])).toMatchObject({
      outcome: 'rejected',
      reason: expect.stringContaining('RITM0010001 cannot start a. Input "who":'),
    });
  });
});

describe('What a later change means for the live run', () => {
  it('is its end where a status says so, by label or by value', () => {
    const aborting = trigger({ cancel: { to: ['Closed Incomplete', '7'] } });
    expect(cancels(aborting, { label: 'Closed incomplete', value: '4' })).toBe(true);
    expect(cancels(aborting, { label: 'Closed Skipped', value: '7' })).toBe(true);
    expect(cancels(aborting, { label: 'Closed Complete', value: '3' })).toBe(false);
    expect(cancels(aborting, undefined)).toBe(false);
  });

  it('is its end where the ticket is deleted, if the trigger says so and not otherwise', () => {
    expect(cancels(trigger({ cancel: { deleted: true } }), 'deleted')).toBe(true);
    expect(cancels(trigger({ cancel: { to: ['Rejected'], deleted: true } }), 'deleted')).toBe(true);
    expect(cancels(trigger({ cancel: { to: ['Rejected', 'deleted'] } }), 'deleted')).toBe(false);
    expect(cancels(trigger({ cancel: { deleted: true } }), { label: 'Deleted' })).toBe(false);
    expect(cancels(trigger({}), 'deleted')).toBe(false);
  });

  it('is another input where that follows the ticket and comes from what changed, field or variable', () => {
    const inputs = {
      lastDay: { $expr: 'ticket.variables.last_day' },
      risk: { $expr: 'ticket.fields.risk' },
      who: { $expr: 'ticket.variables.person' },
    };
    const following = trigger({ inputs, amend: ['lastDay', 'risk'] });
    const names = (changed: string[]) => Object.keys(followed(following, { changed }));
    expect(names(['variables.last_day', 'comments'])).toEqual(['lastDay']);
    expect(names(['risk'])).toEqual(['risk']);
    // A field and a variable of the same name are two things; what does not follow the ticket stays.
    expect(names(['last_day', 'variables.risk', 'variables.person'])).toEqual([]);
  });

  it('is looked for in triggers of the same system only', () => {
    const plan = planFrom([], { triggers: [trigger({ system: 'jira' }), trigger({ to: 'Open' })] });
    expect(ticketTriggers(plan, 'servicenow')).toMatchObject([{ to: 'Open' }]);
  });
});
