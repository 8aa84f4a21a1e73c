import type { FastifyRequest } from 'fastify';
import { badDayWords, type Shared, type StandIn } from '../stand-in.ts';
import { credentials } from './credentials.ts';
import { Hardware } from './hardware.ts';
import { peopleInServiceNow } from './people.ts';
import { Records } from './records.ts';
import { serviceNowRoutes } from './routes.ts';

const base = '/servicenow';

/** A ServiceNow instance. */
export function servicenow({ effects, url }: Shared): StandIn {
  const records = new Records(effects);
  const hardware = new Hardware(effects);
  const { user, password } = credentials;
  const baseUrl = () => `${url()}${base}`;
  return {
    system: 'servicenow',
    prefix: `${base}/`,
    base,
    routes: (app) => serviceNowRoutes(app, base, { records, hardware }, baseUrl),
    isUnknown: (request) => isElsewhere(request, records, hardware),
    people: (app) => peopleInServiceNow(app, records, baseUrl),
    state: () => ({ servicenow: records.list() }),
    reset: () => {
      records.reset();
      hardware.reset();
    },
    connectors: (at) => ({ servicenow: { user, password, baseUrl: `${at}${base}` } }),
    errorBody: (status) => ({ error: { message: badDayWords(status), detail: null }, status: 'failure' }),
  };
}

/** That it is about a record of another: one that is looked for by a number, an id or a correlation that none has here. */
function isElsewhere({ url, query }: FastifyRequest, records: Records, hardware: Hardware): boolean {
  const id = /\/api\/now\/table\/[^/?]+\/([^/?]+)/.exec(url)?.[1];
  if (id !== undefined) return !hardware.byId(id) && !records.list().some(({ sysId }) => sysId === id);
  const { sysparm_query = '' } = (query ?? {}) as Record<string, string>;
  const [, field, value] = /^(correlation_id|number)=([^^]*)$/.exec(sysparm_query) ?? [];
  return field === 'correlation_id' || (value !== undefined && !records.byNumber(value));
}
