import { defineConnector } from '../kit/define-connector.ts';
import { HttpSettings, WebClient } from './client.ts';
import { get } from './get.ts';
import { request } from './request.ts';

export const http = defineConnector({
  name: 'http',
  title: 'Web services',
  settings: HttpSettings,
  connect: (settings, outbound) => new WebClient(settings, outbound),
  actions: [get, request],
  callsPerSecond: 20,
});
