/** The Change Management API: a change, and where it can go. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ServiceNowError } from './errors.ts';
import type { Records, SnRecord } from './records.ts';
import { recordBody } from './shapes.ts';
import { labelOf, nextOf } from './states.ts';
import { writeFields } from './write.ts';

const path = '/api/sn_chg_rest/change/:id';

export function changeRoutes(app: FastifyInstance, records: Records, baseUrl: () => string): void {
  const changeOf = (request: FastifyRequest): SnRecord => {
    const record = records.byId('change_request', (request.params as { id: string }).id);
    if (record) return record;
    throw new ServiceNowError(404, 'Change Request could not be read');
  };
  const shown = (record: SnRecord) => recordBody(record, { mode: 'all', links: false, baseUrl: baseUrl() });

  app.get(path, async (request) => ({ result: shown(changeOf(request)) }));

  app.get(`${path}/nextstates`, async (request) => {
    const state = String(changeOf(request).fields.state);
    const available = [state, ...nextOf(state)];
    return {
      result: {
        available_states: available,
        state_transitions: [
          nextOf(state).map((to) => ({
            display_value: `${label(state)} to ${label(to)}`,
            from_state: state,
            to_state: to,
            transition_available: true,
            automatic_transition: false,
            conditions: [],
          })),
        ],
        state_label: Object.fromEntries(available.map((value) => [value, label(value)])),
      },
    };
  });

  app.patch(path, async (request) => {
    const change = changeOf(request);
    writeFields(records, change, request.body);
    return { result: { ...shown(change), __meta: { ignoredFields: [] } } };
  });
}

function label(state: string): string {
  return labelOf('change_request', state);
}
