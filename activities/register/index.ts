import { defineConnector } from '../kit/define-connector.ts';
import { actions } from './actions.ts';
import { RegisterClient, RegisterSettings } from './client.ts';

export const register = defineConnector({
  name: 'register',
  title: 'Register of vendors, contracts and orders',
  settings: RegisterSettings,
  sameSystem: [],
  connect: (_settings, _outbound, own) => new RegisterClient(own.register),
  check: 'it is kept in the database, which has a line of its own',
  actions,
});
