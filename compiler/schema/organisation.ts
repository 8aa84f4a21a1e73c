/** What `organisation.yaml` may hold: for the checks, the editor and the types of expressions. */
import type { JsonSchema } from '../../plan/plan.ts';
import { named, object, text } from './parts.ts';

const bundle = object(
  {
    licence: text('The licence that its people get, by its product code.'),
    groups: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      description: 'The groups that its people join.',
    },
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

const laptop = object(
  {
    partNumber: text("The supplier's part number."),
    model: text('Its model in the asset register.'),
    price: { type: 'number', minimum: 0, description: 'What one costs, without tax.' },
  },
  ['partNumber'],
  'A laptop that is bought.',
);

const review = object(
  {
    group: text('The group.'),
    owner: { type: 'string', format: 'email', description: 'Who answers for it.' },
  },
  ['group', 'owner'],
  'A group that is reviewed.',
);

const names = (description: string): JsonSchema => ({
  type: 'array',
  items: { type: 'string', minLength: 1 },
  description,
});

const price = (description: string): JsonSchema => ({ type: 'number', minimum: 0, description });

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
  groups: names('The groups that everybody joins.'),
  requestable: names('The groups that a ticket may ask for.'),
  country: {
    type: 'string',
    pattern: '^[A-Z]{2}$',
    description: 'Two-letter country code of most of its workplaces.',
  },
  timezone: text('IANA time zone in which it works; that of countersign.yaml unless said.'),
  departments: named(bundle, 'Licence and groups by department.'),
  sites: named(site, 'Places of work.'),
  directory: object(
    {
      staff: text('Organisational unit of those who work here.'),
      leavers: text('Organisational unit of those who have left.'),
    },
    [],
    'Where accounts stand in Active Directory.',
  ),
  currency: {
    type: 'string',
    pattern: '^[A-Z]{3}$',
    description: 'The currency in which it buys: three letters, such as EUR.',
  },
  suppliers: object(
    {
      hardware: text('Who delivers hardware: a name under `suppliers` in countersign.yaml.'),
      licences: text('Who delivers licences.'),
      quotations: names('Who is asked for an offer.'),
    },
    [],
    'Where things are bought.',
  ),
  laptops: named(laptop, 'The laptops that people may choose from, by what a ticket calls them.'),
  thresholds: object(
    {
      hardware: price('From this price of one request for hardware on.'),
      quotation: price('From this total of an offer on.'),
      contract: price('From this yearly price of a contract on.'),
    },
    [],
    'From which price on the director signs too.',
  ),
  renewals: object(
    {
      monthsAhead: {
        type: 'integer',
        minimum: 0,
        maximum: 12,
        description: 'How many months there are at least between the question and the last day for notice.',
      },
    },
    [],
    'When owners of contracts are asked.',
  ),
  reviews: {
    type: 'array',
    items: review,
    description: 'The groups that are reviewed each quarter, each with who answers for it.',
  },
  reclaim: object(
    {
      licence: text('Its product code.'),
      monthlyPrice: price('What one unit costs a month.'),
      unusedDays: {
        type: 'integer',
        minimum: 30,
        maximum: 365,
        description: 'Days without a sign-in after which somebody is asked.',
      },
    },
    ['licence'],
    'The licence that is taken back from whoever does not use it.',
  ),
  jamf: { type: 'boolean', description: 'Whether Apple computers are managed by Jamf Pro.' },
  patchRings: names('The groups of devices that are patched one after the other.'),
  serverRings: named(
    { ...names('Its servers: names under connectors: ssh: hosts: in countersign.yaml.'), minItems: 1 },
    'The rings of servers that are patched one after the other, each by its name.',
  ),
  projects: object(
    {
      hr: text('Where people are announced who come, move and go.'),
      it: text('Where IT has its tasks and requests.'),
      operations: text('Where maintenance is planned.'),
      security: text('Where security has its work.'),
    },
    [],
    'The projects of Jira.',
  ),
  queue: object(
    { project: text('Its project.'), status: text('The status of what waits for the desk.') },
    [],
    'The queue of the service desk.',
  ),
  firewall: text('Address of the programming interface of the edge firewall.'),
  values: { type: 'object', description: 'Whatever else runbooks read: `organisation.values.NAME`.' },
};

export const organisationSchema: JsonSchema = object(
  organisationKeys,
  [],
  'What every runbook knows of the organisation.',
);
