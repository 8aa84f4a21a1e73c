/**
 * ServiceNow: what our business rule sends (docs/servicenow/business-rule.js). ServiceNow has no webhooks of its own, so
 * the body is as we published it, or it is somebody else's and not for us.
 */
import { defined } from '../plan/defined.ts';
import type { JsonObject } from '../plan/plan.ts';
import {
  type Change,
  countOf,
  object,
  principalOf,
  type Reading,
  type Status,
  text,
  webAddress,
} from './ticket-system.ts';

const useOurRule = 'Send what the business rule of `countersign trigger setup servicenow` sends.';

export function readServiceNow(body: JsonObject): Reading {
  if (body.result !== undefined)
    return { notForUs: `it is an answer of the Table API, not a report of a change. ${useOurRule}` };
  const event = text(body.event);
  if (!event) return { notForUs: `it does not say what happened (event is missing). ${useOurRule}` };
  if (event !== 'insert' && event !== 'update' && event !== 'delete')
    return { notForUs: `the event is ${event}, not a record that was inserted, updated or deleted` };
  const needed = ['table', 'sys_id', 'number', 'sys_mod_count', 'state'] as const;
  const missing = needed.filter((name) => text(body[name]) === '');
  if (missing.length > 0) return { notForUs: `it came without ${missing.join(', ')}. ${useOurRule}` };
  const change = changeOf(body);
  if (event === 'delete') return { deletion: { ...change, key: `${change.ticket.id}:deleted` } };
  const from = event === 'insert' ? undefined : statusOf(body.previous_state, body.previous_state_label);
  const to = statusOf(body.state, body.state_label);
  const moved = from ? from.value !== to?.value : event === 'insert' || change.changed.includes('state');
  if (!to || !moved) return { edit: change };
  const table = text(body.table);
  const record = object(body.record) ?? {};
  return {
    transition: {
      ...change,
      // What people order is told apart by the catalogue item, everything else by its category.
      project: shown(table === 'sc_req_item' ? record.cat_item : record.category),
      type: table,
      ...defined({ from: from || undefined }),
      to,
      requester: requesterOf(body),
    },
  };
}

function changeOf(body: JsonObject): Change {
  const { record: _, variables, ...rest } = body;
  const number = text(body.number);
  const id = text(body.sys_id);
  const summary = text(body.short_description);
  const fields = {
    ...object(body.record),
    number,
    sys_id: id,
    state: text(body.state),
    short_description: summary,
  };
  return {
    system: 'servicenow',
    // ServiceNow counts the changes of a record, so the count names the change.
    key: `${id}:${text(body.sys_mod_count)}`,
    order: defined({ number: countOf(body.sys_mod_count) }),
    ticket: { system: 'servicenow', key: number, id, url: webAddress(text(body.url)), summary },
    by: personOf(body.updated_by),
    changed: Array.isArray(body.changed) ? body.changed.map(text).filter(Boolean) : [],
    payload: { ...rest, key: number, fields, variables: object(variables) ?? {} },
  };
}

function statusOf(value: unknown, label: unknown): Status | undefined {
  const stored = text(value);
  return stored === '' ? undefined : { label: text(label) || stored, value: stored };
}

function personOf(value: unknown) {
  const person = object(value);
  return principalOf('servicenow', person?.email, person?.name, person?.name);
}

/** Who asked, by address or by name. Where the record does not say, nobody we know, and never whoever changed it. */
function requesterOf(body: JsonObject) {
  return personOf(body.requester);
}

/** References come as `{ value, display_value }`, everything else as text. */
function shown(value: unknown): string {
  const reference = object(value);
  return reference ? text(reference.display_value) || text(reference.value) : text(value);
}
