/** An invented company, plainly so. */
import { createHash } from 'node:crypto';

/** A stable object id, made from a name. */
export function idOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The verified domains of the directory. */
export const domains = ['example.com', 'example.onmicrosoft.com'];
export const tenantId = idOf('tenant example.onmicrosoft.com');

const e3 = '05e9a617-0261-4cee-bb44-138d3ef5d965';
const e5 = '06ebc4ee-1bb5-47dd-8120-11324bc54e06';
const visio = '38b434d2-a15e-4cde-9a98-e737c75623e1';
const flowFree = 'f30db892-07e9-47e9-837c-80727f46fd3d';

const synced = {
  onPremisesSyncEnabled: true,
  onPremisesDomainName: 'corp.example.com',
  onPremisesLastSyncDateTime: '2026-01-05T06:00:00Z',
};

const people: [name: string, title: string, department: string, more?: Record<string, unknown>][] = [
  ['Dana Reyes', 'Head of Engineering', 'Engineering'],
  ['Kim Okafor', 'IT Coordinator', 'IT'],
  ['Robin Sato', 'IT Coordinator', 'IT'],
  ['Morgan Weiss', 'IT Manager', 'IT'],
  ['Alex Duarte', 'Director of IT', 'IT'],
  ['Sam Lindqvist', 'HR Partner', 'People'],
  // Come from on-premises Active Directory: the cloud may not change them.
  ['Piet Vermeer', 'Plant Technician', 'Plant', { ...synced, onPremisesSamAccountName: 'pvermeer' }],
  [
    'Olga Brandt',
    'Plant Technician',
    'Plant',
    { ...synced, onPremisesSamAccountName: 'obrandt', accountEnabled: false },
  ],
  // Has some of everything that a leaver can have; see also `graph/access.ts` and `graph/sign-in-methods.ts`.
  [
    'Lou Maier',
    'Test Engineer',
    'Engineering',
    { managerId: idOf('dana.reyes@example.com'), assignedLicenses: [{ skuId: flowFree, disabledPlans: [] }] },
  ],
  // Whom the tests of the shipped runbooks are about.
  ['Noor Haddad', 'Network Engineer', 'Engineering', { managerId: idOf('dana.reyes@example.com') }],
  [
    'Jo Nakamura',
    'Head of Plant',
    'Plant',
    {
      assignedLicenses: [{ skuId: visio, disabledPlans: [] }],
      signInActivity: { lastSignInDateTime: '2025-11-01T08:00:00Z' },
    },
  ],
];

export interface SeedUser {
  [key: string]: unknown;
  id: string;
  userPrincipalName: string;
  displayName: string;
}

export function seedUsers(): SeedUser[] {
  const users = people.map(([name, jobTitle, department, more = {}]): SeedUser => {
    const [givenName = '', surname = ''] = name.split(' ');
    const upn = `${givenName}.${surname}@example.com`.toLowerCase();
    return {
      id: idOf(upn),
      userPrincipalName: upn,
      displayName: name,
      givenName,
      surname,
      mail: upn,
      mailNickname: upn.split('@')[0],
      jobTitle,
      department,
      accountEnabled: true,
      usageLocation: 'DE',
      userType: 'Member',
      createdDateTime: '2024-01-15T08:00:00Z',
      assignedLicenses: [],
      onPremisesSyncEnabled: null,
      onPremisesExtensionAttributes: {},
      ...more,
    };
  });
  const director = users.find((user) => user.jobTitle === 'Director of IT');
  for (const user of users) if (user !== director) user.managerId ??= director?.id;
  return users;
}

export interface SeedGroup {
  [key: string]: unknown;
  id: string;
  displayName: string;
  members: string[];
}

/** A security group made in the cloud, unless `more` says otherwise. */
export function seedGroup(displayName: string, more: Record<string, unknown> = {}): SeedGroup {
  return {
    id: idOf(`group ${displayName}`),
    displayName,
    description: null,
    createdDateTime: '2024-01-15T08:00:00Z',
    groupTypes: [],
    securityEnabled: true,
    mail: null,
    mailEnabled: false,
    mailNickname: displayName.toLowerCase().replace(/\W+/g, '-'),
    onPremisesSyncEnabled: null,
    visibility: null,
    members: [],
    ...more,
  };
}

export function seedGroups(): SeedGroup[] {
  const lou = [idOf('lou.maier@example.com')];
  return [
    seedGroup('All Staff', { members: [...lou] }),
    seedGroup('Engineering', { members: [...lou] }),
    seedGroup('VPN Users'),
    seedGroup('Badge Access'),
    seedGroup('Plant', { members: [idOf('jo.nakamura@example.com')] }),
    seedGroup('Everyone in Germany', {
      groupTypes: ['DynamicMembership'],
      membershipRule: 'user.country -eq "DE"',
      membershipRuleProcessingState: 'On',
      members: [...lou],
    }),
    seedGroup('News', {
      mailEnabled: true,
      securityEnabled: false,
      mail: 'news@example.com',
      members: [...lou],
    }),
    seedGroup('Plant Floor', { onPremisesSyncEnabled: true }),
    seedGroup('Office Chat', {
      groupTypes: ['Unified'],
      mailEnabled: true,
      securityEnabled: false,
      mail: 'office-chat@example.com',
      visibility: 'Private',
    }),
    seedGroup('Summer Party', {
      groupTypes: ['Unified'],
      mailEnabled: true,
      securityEnabled: false,
      mail: 'summer-party@example.com',
      visibility: 'Private',
    }),
    // Whoever is in one of these has its licence.
    seedGroup('Licences E3', { assignedLicenses: [{ skuId: e3, disabledPlans: [] }], members: [...lou] }),
    seedGroup('Licences Flow', {
      groupTypes: ['DynamicMembership'],
      membershipRule: 'user.jobTitle -eq "IT Manager"',
      membershipRuleProcessingState: 'On',
      assignedLicenses: [{ skuId: flowFree, disabledPlans: [] }],
      members: [idOf('morgan.weiss@example.com')],
    }),
  ];
}

export interface SeedSku {
  [key: string]: unknown;
  skuId: string;
  skuPartNumber: string;
  /** With those of people whom the directory does not play. */
  consumedUnits: number;
  prepaidUnits: { enabled: number; suspended: number; warning: number };
}

export function seedSkus(): SeedSku[] {
  const sku = (skuPartNumber: string, skuId: string, enabled: number, consumedUnits: number): SeedSku => ({
    id: `${tenantId}_${skuId}`,
    accountId: tenantId,
    accountName: 'example',
    skuId,
    skuPartNumber,
    appliesTo: 'User',
    capabilityStatus: 'Enabled',
    consumedUnits,
    prepaidUnits: { enabled, suspended: 0, warning: 0 },
    servicePlans: [
      {
        servicePlanId: idOf(`plan of ${skuPartNumber}`),
        servicePlanName: `${skuPartNumber}_PLAN`,
        provisioningStatus: 'Success',
        appliesTo: 'User',
      },
    ],
    subscriptionIds: [idOf(`subscription to ${skuPartNumber}`)],
  });
  return [
    sku('SPE_E3', e3, 500, 120),
    sku('SPE_E5', e5, 25, 25),
    sku('FLOW_FREE', flowFree, 10_000, 6),
    sku('VISIO_PLAN2', visio, 10, 8),
  ];
}
