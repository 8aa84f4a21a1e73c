import { defineConnector } from '../kit/define-connector.ts';
import { actions } from './actions.ts';
import { ProcurementClient } from './client.ts';
import { ProcurementSettings, type Settings } from './settings.ts';

export const procurement = defineConnector({
  name: 'procurement',
  title: 'Procurement (cXML and mail)',
  settings: ProcurementSettings,
  // Quotes and orders by mail go through the same mail server as all mail.
  settingsFrom: 'mail',
  sameSystem: [
    'suppliers.*.title',
    'suppliers.*.currency',
    'suppliers.*.cxml.sharedSecret',
    'suppliers.*.cxml.inboundSecret',
    'buyer',
    'password',
    'security',
    'fromName',
    'ca',
  ],
  connect: (settings) => new ProcurementClient(settings as Settings),
  check: 'all that a supplier takes is an order or a request for a quote, and both would be acted on',
  actions,
  callsPerSecond: 5,
});
