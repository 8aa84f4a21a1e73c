/** What `organisation.yaml` may hold: for the checks, the editor and the types of expressions. */
import type { JsonSchema } from '../../plan/plan.ts';
import { named, object, text } from './parts.ts';

const bundle = object(
  {
    licence: text('The licence that its people get, by its product code.'),
    groups: { type: 'array', items: { type: 'string' }, description: 'The groups that its people join.' },
    manager: { type: 'string', format: 'email', description: 'Who leads it.' },
    site: text('Where it sits: a name under `sites`.'),
  },
  [],
  'A department.',
);

const site = object(
  {
    country: { type: 'string', pattern: '^[A-Z]{2}$', description: 'Two-letter country code.' },
    timezone: text('IANA time zone, such as Europe/Berlin.'),
    address: text('The address, as parcels have it.'),
  },
  ['country'],
  'A place of work.',
);

const address = (description: string): JsonSchema => ({ type: 'string', format: 'email', description });

export const organisationKeys: Record<string, JsonSchema> = {
  name: text('Its name, as people write it.'),
  domain: text('The domain of its accounts and mail.'),
  domains: { type: 'array', items: { type: 'string' }, description: 'All its domains.' },
  everybody: { type: 'string', format: 'email', description: 'The address that reaches everybody.' },
  itManagement: address('The address of those who manage IT.'),
  cto: address('The address of the CTO.'),
  security: address('The address of those who look after security.'),
  serviceDesk: address('The address of the service desk.'),
  names: {
    type: 'string',
    pattern: '^(first|last|f|l)([._-]?(first|last|f|l))?$',
    description:
      'How account names are made: first.last, f.last, firstl, last.first, … See the function `userName`.',
  },
  licence: text('The licence that people get whose department says none.'),
  groups: { type: 'array', items: { type: 'string' }, description: 'The groups that everybody joins.' },
  departments: named(bundle, 'Licence and groups by department.'),
  sites: named(site, 'Places of work.'),
  values: { type: 'object', description: 'Whatever else runbooks read: `organisation.values.NAME`.' },
};

export const organisationSchema: JsonSchema = object(
  organisationKeys,
  [],
  'What every runbook knows of the organisation.',
);
