import { defineConnector } from '../kit/define-connector.ts';
import { attach } from './attach.ts';
import { connectServiceNow, ServiceNowSettings } from './client.ts';
import { comment } from './comment.ts';
import { getTicket } from './get-ticket.ts';
import { setState } from './set-state.ts';
import { workNote } from './work-note.ts';

export const servicenow = defineConnector({
  name: 'servicenow',
  title: 'ServiceNow',
  settings: ServiceNowSettings,
  connect: connectServiceNow,
  actions: [attach, comment, getTicket, setState, workNote],
  callsPerSecond: 5,
});
