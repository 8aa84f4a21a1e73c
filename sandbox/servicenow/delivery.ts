/** What our business rule sends when a record changes: body and headers as docs/servicenow/business-rule.js has them. */

import { createHmac } from 'node:crypto';
import { defined } from '../../plan/defined.ts';
import type { SnRecord } from './records.ts';
import { type Field, person } from './references.ts';
import { fieldsOf, snTime } from './shapes.ts';
import { labelOf } from './states.ts';

export interface ServiceNowDelivery {
  headers: Record<string, string>;
  body: string;
}

export interface Actor {
  displayName: string;
  emailAddress: string;
}

export interface DeliveryOptions {
  record: SnRecord;
  event: 'insert' | 'update' | 'delete';
  /** The state before. */
  previous?: string;
  changed?: string[];
  /** Without it, the delivery is not signed. */
  secret?: string;
  /** Whoever asked for it unless said. */
  actor?: Actor;
  baseUrl: string;
  /** Milliseconds, of the signature. */
  now?: number;
}

export function deliveryOf(options: DeliveryOptions): ServiceNowDelivery {
  const { record, event, previous, changed = [], secret, baseUrl, now = Date.now() } = options;
  const { table, sysId, number, fields, variables } = record;
  const state = String(fields.state);
  const requester = requesterOf(fields);
  const actor = options.actor ?? { displayName: requester.name, emailAddress: requester.email };
  const body = JSON.stringify({
    event,
    table,
    sys_id: sysId,
    number,
    url: `${baseUrl}/${table}.do?sys_id=${sysId}`,
    state,
    state_label: labelOf(table, state),
    ...defined({
      previous_state: previous,
      previous_state_label: previous === undefined ? undefined : labelOf(table, previous),
    }),
    sys_mod_count: record.modCount,
    sys_updated_on: snTime(record.updatedOn),
    updated_by: { email: actor.emailAddress, name: actor.displayName },
    requester,
    short_description: String(fields.short_description ?? ''),
    changed,
    record: Object.fromEntries(
      Object.entries(fieldsOf(record)).flatMap(([name, field]) =>
        field === '' ? [] : [[name, sentOf(field)]],
      ),
    ),
    ...defined({ variables: table === 'sc_req_item' ? variables : undefined }),
  });
  const timestamp = String(Math.floor(now / 1000));
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'ServiceNow/1.0',
      'x-countersign-timestamp': timestamp,
      ...defined({
        'x-countersign-signature': secret === undefined ? undefined : signatureOf(timestamp, body, secret),
      }),
    },
  };
}

export function signatureOf(timestamp: string, body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}

function sentOf(field: Field): unknown {
  if (typeof field === 'string') return field;
  const { table: _, ...shown } = field;
  return shown;
}

function requesterOf(fields: Record<string, Field>): { email: string; name: string } {
  for (const name of ['requested_for', 'requested_by', 'caller_id', 'opened_by']) {
    const field = fields[name];
    if (!field) continue;
    const { email = '', display_value } = typeof field === 'string' ? person(field) : field;
    return { email, name: display_value };
  }
  return { email: '', name: '' };
}
