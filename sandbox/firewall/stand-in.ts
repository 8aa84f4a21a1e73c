import { badDayWords, type Shared, type StandIn } from '../stand-in.ts';
import { firewallRoutes, peopleAtFirewall, token } from './routes.ts';
import { Rules } from './rules.ts';

/** Where runbooks believe the firewall to be. */
const address = 'https://firewall.example.com';

/** An invented firewall, reached through the `http` actions. */
export function firewall({ effects }: Shared): StandIn {
  const rules = new Rules(effects);
  return {
    system: 'firewall',
    prefix: '/firewall/',
    routes: (app) => firewallRoutes(app, rules),
    people: (app) => peopleAtFirewall(app, rules),
    state: () => ({
      firewall: { revision: rules.revision, rules: rules.list(), health: rules.health },
    }),
    reset: () => rules.reset(),
    environment: { FIREWALL_TOKEN: token },
    connectors: (url) => ({ http: { standIns: { [address]: `${url}/firewall` } } }),
    errorBody: (status) => ({ error: badDayWords(status) }),
  };
}
