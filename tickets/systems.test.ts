import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject } from '../plan/plan.ts';
import { ticketSystemNames } from '../plan/ticket-systems.ts';
import { declaredTicketSystems, ticketSystem, ticketSystems } from './systems.ts';
import { changeIn, parseBody } from './ticket-system.ts';

/** Bodies of the forms that are read, with anything at all in any place. */
const anything = fc.jsonValue({ maxDepth: 2 });
const raggedBody = fc.record(
  {
    webhookEvent: fc.oneof(
      fc.constantFrom('jira:issue_updated', 'jira:issue_created', 'jira:issue_deleted'),
      anything,
    ),
    issue: fc.oneof(
      fc.record({ key: anything, fields: anything, self: anything }, { requiredKeys: [] }),
      anything,
    ),
    transition: fc.oneof(
      fc.record({ from_status: anything, to_status: anything }, { requiredKeys: [] }),
      anything,
    ),
    changelog: fc.oneof(fc.record({ id: anything, items: anything }, { requiredKeys: [] }), anything),
    key: anything,
    fields: fc.oneof(fc.record({ status: anything, updated: anything }, { requiredKeys: [] }), anything),
    event: fc.oneof(fc.constantFrom('insert', 'update'), anything),
    table: fc.oneof(fc.constant('sc_req_item'), anything),
    sys_id: fc.oneof(fc.string(), anything),
    number: fc.oneof(fc.string(), anything),
    sys_mod_count: fc.oneof(fc.nat(), anything),
    state: fc.oneof(fc.integer(), anything),
    previous_state: anything,
    changed: anything,
    record: anything,
    variables: anything,
    updated_by: anything,
    requester: anything,
  },
  { requiredKeys: [] },
);

describe.each(ticketSystems().map((system) => [system.title, system] as const))(
  'A body from %s',
  (_, system) => {
    it('is read, or said not to be for us, whatever is in it', () => {
      fc.assert(
        fc.property(raggedBody, (body) => {
          const reading = system.read(body as JsonObject);
          if ('notForUs' in reading) expect(reading.notForUs).not.toBe('');
          else {
            const { key, ticket, by } = changeIn(reading).change;
            expect([key, ticket.key, ticket.id, by.id].every((each) => each.length > 0)).toBe(true);
          }
        }),
        { numRuns: 2_000 },
      );
    });
  },
);

it('A body that is no JSON object is none', () => {
  for (const raw of ['', 'x', '[]', 'null', '7', '"text"', '{']) expect(parseBody(raw)).toBeUndefined();
  expect(parseBody('{"a":1}')).toEqual({ a: 1 });
});

describe('the ticket systems', () => {
  it('are those that a runbook and a configuration may name', () => {
    expect(ticketSystems().map(({ name }) => name)).toEqual([...ticketSystemNames]);
  });
});

/** Every delivery that a system declares as a sample is read as it says. */
for (const { name, title, samples } of declaredTicketSystems())
  describe(`A delivery of ${title}:`, () => {
    it.each(samples.map((sample) => [sample.title, sample] as const))('%s', (_, { body, is, says }) => {
      const reading = ticketSystem(name)?.read(body);
      if (!reading) throw new Error(`${name} is not known`);
      if (is === 'nothing' || is === 'rejected') {
        expect(reading).toMatchObject(says);
        expect('unfit' in reading).toBe(is === 'rejected');
      } else expect(reading).toMatchObject({ [is]: says });
    });
  });
