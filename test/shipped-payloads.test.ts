import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { checkedInputs } from '../activities/engine/run-inputs.ts';
import { carriedOut } from '../cli/carried-out.ts';
import { compileProject, knownActions, readProject, runbookNameOf, testsAmong } from '../cli/project.ts';
import { readTestFile } from '../compiler/test-file/read.ts';
import type { TestCase } from '../compiler/test-file/types.ts';
import type { Json, JsonObject, Plan, Template, TicketTrigger } from '../plan/plan.ts';
import { differences } from '../rehearsal/check.ts';
import { surroundingsOf } from '../rehearsal/world.ts';
import { buildJiraDelivery } from '../sandbox/jira/delivery.ts';
import { deliveryOf } from '../sandbox/servicenow/delivery.ts';
import { statesOf } from '../sandbox/servicenow/states.ts';
import { packageRoot } from '../store/package-root.ts';

const root = packageRoot();
const configurationPath = join(root, 'countersign.yaml');
const { plans, configuration } = compileProject(readProject([join(root, 'runbooks')], configurationPath));
const surroundings = surroundingsOf(configuration, configurationPath);
const catalogue = knownActions();

const shipped = testsAmong([join(root, 'runbooks')]).flatMap(({ source, beside }) => {
  const name = beside && runbookNameOf(beside.text);
  const { file, plan } = readTestFile({ ...source, beside: name, plans, catalogue, names: surroundings });
  const triggers = plan?.triggers.filter((each): each is TicketTrigger => each.type === 'ticket') ?? [];
  const [first] = file?.tests ?? [];
  return plan && first ? triggers.map((trigger) => ({ path: source.path, plan, first, trigger })) : [];
});

/** Puts what a test gives the run by hand where the trigger looks for it in the ticket. */
function filledIn(trigger: TicketTrigger, inputs: JsonObject): { fields: JsonObject; variables: JsonObject } {
  const found: JsonObject = { fields: {}, variables: {} };
  for (const [name, template] of Object.entries(trigger.inputs)) {
    const expression = expressionOf(template);
    const path = /ticket\.((?:fields|variables)(?:\.\w+)+)/.exec(plainPaths(expression))?.[1]?.split('.');
    const value = inputs[name];
    if (expression.includes('"T17:00"'))
      Object.assign(
        found.variables as JsonObject,
        value === undefined || value === ''
          ? { immediately: 'true' }
          : { last_day: String(value).slice(0, 10) },
      );
    // Jira says of each field of the form that nobody filled in that it is null; ServiceNow leaves it out.
    else if (path && value !== undefined) put(found, path, asSent(value, trigger, expression));
    else if (path && trigger.system === 'jira') put(found, path.slice(0, 2), null);
  }
  const condition = /ticket\.(fields\.\w+) == "(\w+)"/.exec(trigger.if ?? '');
  if (condition) put(found, (condition[1] ?? '').split('.'), condition[2] ?? '');
  return found as { fields: JsonObject; variables: JsonObject };
}

/** As an author writes them: the compiler marks what may be absent. */
function plainPaths(expression: string): string {
  return expression.replaceAll('.?', '.');
}

function expressionOf(template: Template): string {
  return typeof template === 'object' && template !== null && '$expr' in template
    ? String(template.$expr)
    : '';
}

/** ServiceNow has texts alone. */
function asSent(value: Json, { system }: TicketTrigger, expression: string): Json {
  if (expression.includes('fromJson(')) return JSON.stringify(value);
  const yes = / == "(yes|Yes)"$/.exec(expression)?.[1];
  if (yes) return value === true ? yes : 'no';
  if (system === 'jira') return value;
  return Array.isArray(value) ? value.join(', ') : String(value);
}

function put(into: JsonObject, [name = '', ...rest]: readonly string[], value: Json): void {
  if (rest.length === 0) into[name] = value;
  else {
    into[name] ??= {};
    put(into[name] as JsonObject, rest, value);
  }
}

function payloadOf({
  plan,
  trigger,
  first,
}: {
  plan: Plan;
  trigger: TicketTrigger;
  first: TestCase;
}): JsonObject {
  const { fields, variables } = filledIn(trigger, first.inputs);
  const key = String(first.ticket?.key ?? '');
  const email = first.requester ?? 'requester@example.com';
  const actor = { displayName: 'Somebody', emailAddress: email };
  if (trigger.system === 'jira') {
    const { body } = buildJiraDelivery({
      issueKey: key || `${trigger.project}-1`,
      fields: {
        summary: plan.title,
        project: { key: trigger.project ?? '' },
        issuetype: { name: trigger.ticketType ?? '' },
        reporter: { accountId: 'a', displayName: 'Somebody', emailAddress: email },
        ...fields,
      },
      from: trigger.from ?? 'To Do',
      to: trigger.to,
      actor,
    });
    return JSON.parse(body) as JsonObject;
  }
  const table = trigger.ticketType ?? '';
  const state = statesOf(table).find(({ label, value }) => [label, value].includes(trigger.to))?.value ?? '';
  const about = { display_value: trigger.project ?? '', value: 'c0ffee' };
  const { body } = deliveryOf({
    event: 'update',
    previous: '-99',
    changed: ['state'],
    baseUrl: 'https://example.service-now.com',
    actor,
    record: {
      table,
      sysId: '5f0e8c6d1b2a4c3d8e9f00112233445566',
      number: key || 'CHG0030001',
      fields: {
        state,
        short_description: plan.title,
        requested_by: { value: 'u1', display_value: 'Somebody', email },
        [table === 'sc_req_item' ? 'cat_item' : 'category']: about,
        ...(fields as object),
      } as never,
      variables: variables as Record<string, string>,
      modCount: 3,
      createdOn: '2026-03-02T08:00:00Z',
      updatedOn: '2026-03-02T09:00:00Z',
      journal: [],
      attachments: [],
    },
  });
  return JSON.parse(body) as JsonObject;
}

describe('What a ticket system sends', () => {
  it('is tried for every shipped trigger', () => {
    const triggers = plans.flatMap(({ triggers: all }) => all.filter(({ type }) => type === 'ticket'));
    expect(shipped).toHaveLength(triggers.length);
  });

  it.each(shipped.map((each) => [each.plan.runbook, each] as const))(
    'starts %s as its first test has it',
    async (_, each) => {
      const { plan, first, path } = each;
      const payload = payloadOf(each);
      const result = await carriedOut({ ...first, payload }, path, { plan, plans, catalogue, surroundings });
      const problems = 'journal' in result ? differences(result, first.expect, surroundings.calendars) : [];
      expect([...result.problems, ...problems]).toEqual([]);
      if ('journal' in result) expect(checkedInputs(plan, result.view.inputs ?? {}).problems).toEqual([]);
    },
  );
});
