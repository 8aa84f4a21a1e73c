/** What people do in ServiceNow's own pages. Each answers with the delivery that our business rule would send. */

import type { FastifyInstance } from 'fastify';
import { defined } from '../../plan/defined.ts';
import { type Actor, deliveryOf } from './delivery.ts';
import { type Records, tableNames } from './records.ts';
import type { Field } from './references.ts';
import type { NewRecord } from './seed.ts';
import { statesOf } from './states.ts';

interface Doing {
  number: string;
  /** That of the business rule. */
  secret?: string;
  /** Who does it; whoever asked for the ticket unless said. */
  actor?: Actor;
}

export function peopleInServiceNow(app: FastifyInstance, records: Records, baseUrl: () => string): void {
  app.post('/_sandbox/servicenow/records', async (request, reply) => {
    const { secret, actor, ...record } = request.body as NewRecord & Omit<Doing, 'number'>;
    if (!tableNames.includes(record.table))
      return reply
        .code(400)
        .send({ message: `There is no table ${record.table}, only ${tableNames.join(', ')}.` });
    if (record.number && records.byNumber(record.number))
      return reply.code(409).send({ message: `There is a record ${record.number} already.` });
    const created = records.create(record);
    const { number, sysId } = created;
    const who = defined({ secret: secret || undefined, actor: actor || undefined });
    const delivery = deliveryOf({ record: created, event: 'insert', baseUrl: baseUrl(), ...who });
    return { number, sys_id: sysId, delivery };
  });

  app.post('/_sandbox/servicenow/move', async (request, reply) => {
    const { number, to, ...who } = request.body as Doing & { to: string };
    const record = records.byNumber(number);
    if (!record) return reply.code(404).send({ message: `There is no record ${number}.` });
    const states = statesOf(record.table);
    const state = states.find(({ value, label }) => value === to || label.toLowerCase() === to.toLowerCase());
    if (!state) {
      const known = states.map(({ label }) => label).join(', ');
      return reply.code(400).send({ message: `There is no state ${to}, only ${known}.` });
    }
    const previous = String(record.fields.state);
    records.update(record, { state: state.value });
    return deliveryOf({ record, event: 'update', previous, changed: ['state'], baseUrl: baseUrl(), ...who });
  });

  app.post('/_sandbox/servicenow/edit', async (request, reply) => {
    const {
      number,
      fields = {},
      variables = {},
      ...who
    } = request.body as Doing & { fields?: Record<string, Field>; variables?: Record<string, string> };
    const record = records.byNumber(number);
    if (!record) return reply.code(404).send({ message: `There is no record ${number}.` });
    records.update(record, fields, variables);
    const changed = [...Object.keys(fields), ...Object.keys(variables).map((name) => `variables.${name}`)];
    const previous = String(record.fields.state);
    return deliveryOf({ record, event: 'update', previous, changed, baseUrl: baseUrl(), ...who });
  });

  app.post('/_sandbox/servicenow/delete', async (request, reply) => {
    const { number, ...who } = request.body as Doing;
    const record = records.byNumber(number);
    if (!record) return reply.code(404).send({ message: `There is no record ${number}.` });
    records.remove(record);
    return deliveryOf({ record, event: 'delete', baseUrl: baseUrl(), ...who });
  });
}
