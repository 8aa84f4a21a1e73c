/** Two tickets of the invented company: a firewall rule to open, and a person to offboard. */
import { type Field, idOf, person } from './references.ts';

export interface NewRecord {
  table: string;
  number?: string;
  fields?: Record<string, Field>;
  variables?: Record<string, string>;
}

export function seedRecords(): (NewRecord & { number: string })[] {
  return [
    {
      table: 'change_request',
      number: 'CHG0030001',
      fields: {
        type: 'normal',
        category: 'Network',
        short_description: 'Open the order interface for the warehouse',
        description: 'The warehouse’s scanners send orders to the new server.',
        risk: '3',
        cmdb_ci: { table: 'cmdb_ci', value: idOf('fw-edge-01'), display_value: 'fw-edge-01' },
        requested_by: person('robin.sato@example.com'),
        opened_by: person('robin.sato@example.com'),
        u_rule_name: 'warehouse-orders',
        u_source: '192.0.2.0/28',
        u_destination: '198.51.100.17',
        u_port: '8443',
        u_protocol: 'tcp',
        u_reviewer: 'morgan.weiss@example.com',
        u_implementer: 'kim.okafor@example.com',
      },
    },
    {
      table: 'sc_req_item',
      number: 'RITM0010001',
      fields: {
        cat_item: {
          table: 'sc_cat_item',
          value: idOf('Offboard a person'),
          display_value: 'Offboard a person',
        },
        short_description: 'Offboard Lou Maier',
        requested_for: person('sam.lindqvist@example.com'),
        opened_by: person('sam.lindqvist@example.com'),
      },
      variables: {
        person: 'lou.maier@example.com',
        manager: 'dana.reyes@example.com',
        last_day: '2026-12-31',
        immediately: 'true',
        timezone: 'Europe/Berlin',
        device_action: 'retire',
      },
    },
  ];
}
