import { badDayWords, type Shared, type StandIn } from '../stand-in.ts';
import { credentials } from './credentials.ts';
import { peopleInServiceNow } from './people.ts';
import { Records } from './records.ts';
import { serviceNowRoutes } from './routes.ts';

const base = '/servicenow';

/** A ServiceNow instance. */
export function servicenow({ effects, url }: Shared): StandIn {
  const records = new Records(effects);
  const { user, password } = credentials;
  const baseUrl = () => `${url()}${base}`;
  return {
    system: 'servicenow',
    prefix: `${base}/`,
    base,
    routes: (app) => serviceNowRoutes(app, base, records, baseUrl),
    people: (app) => peopleInServiceNow(app, records, baseUrl),
    state: () => ({ servicenow: records.list() }),
    reset: () => records.reset(),
    connectors: (at) => ({ servicenow: { user, password, baseUrl: `${at}${base}` } }),
    errorBody: (status) => ({ error: { message: badDayWords(status), detail: null }, status: 'failure' }),
  };
}
