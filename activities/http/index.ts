import { defineConnector } from '../kit/define-connector.ts';
import { actions } from './actions.ts';
import { HttpSettings, WebClient } from './client.ts';

export const http = defineConnector({
  name: 'http',
  title: 'Web services',
  settings: HttpSettings,
  sameSystem: ['ca'],
  connect: (settings, outbound) => new WebClient(settings, outbound),
  check:
    'its addresses stand in the runbooks, each with its own sign-in; what they may reach is under outbound: in countersign.yaml',
  actions,
  callsPerSecond: 20,
});
