/** The properties of Graph's resources that the stand-in knows, and what may stand in them (user and group resource types). */
import { invalidValue, unknownProperty } from './errors.ts';

type Kind = 'string' | 'boolean' | 'strings' | 'dateTime' | 'object' | 'objects';

const words = (text: string) => text.trim().split(/\s+/);
const ofKind = (kind: Kind, names: string) => Object.fromEntries(words(names).map((name) => [name, kind]));

/** What one may set of a user. */
export const writableOfUser: Record<string, Kind> = {
  ...ofKind(
    'string',
    `ageGroup city companyName consentProvidedForMinor country department displayName employeeId employeeType faxNumber
     givenName jobTitle mail mailNickname mobilePhone officeLocation onPremisesImmutableId passwordPolicies postalCode
     preferredDataLocation preferredLanguage state streetAddress surname usageLocation userPrincipalName userType`,
  ),
  ...ofKind('boolean', 'accountEnabled isResourceAccount showInAddressList'),
  ...ofKind('strings', 'businessPhones otherMails'),
  ...ofKind('dateTime', 'employeeHireDate employeeLeaveDateTime'),
  ...ofKind('object', 'passwordProfile onPremisesExtensionAttributes employeeOrgData'),
  ...ofKind('objects', 'identities'),
};

const readOnlyOfUser = words(
  `id deletedDateTime createdDateTime creationType assignedLicenses assignedPlans provisionedPlans licenseAssignmentStates
   externalUserState externalUserStateChangeDateTime imAddresses lastPasswordChangeDateTime legalAgeGroupClassification
   onPremisesDistinguishedName onPremisesDomainName onPremisesLastSyncDateTime onPremisesProvisioningErrors
   onPremisesSamAccountName onPremisesSecurityIdentifier onPremisesSyncEnabled onPremisesUserPrincipalName proxyAddresses
   securityIdentifier signInActivity signInSessionsValidFromDateTime`,
);

/** Kept by SharePoint: Graph refuses them in one request with those of the directory. */
export const sharePointOfUser = new Set(
  words(
    'aboutMe birthday hireDate interests mySite pastProjects preferredName responsibilities schools skills',
  ),
);

const ofGroup = words(
  `id deletedDateTime assignedLabels assignedLicenses classification createdDateTime description displayName
   expirationDateTime groupTypes isAssignableToRole licenseProcessingState mail mailEnabled mailNickname membershipRule
   membershipRuleProcessingState onPremisesDomainName onPremisesLastSyncDateTime onPremisesNetBiosName
   onPremisesProvisioningErrors onPremisesSamAccountName onPremisesSecurityIdentifier onPremisesSyncEnabled
   preferredDataLocation preferredLanguage proxyAddresses renewedDateTime securityEnabled securityIdentifier theme
   uniqueName visibility`,
);

export interface Resource {
  /** As error messages name it. */
  title: string;
  odataType: string;
  known: Set<string>;
  /** Returned without `$select`. */
  usual: string[];
  /** Collections are empty rather than null. */
  collections: Set<string>;
  /** What `$filter` may ask about without an advanced query. */
  filterable: Set<string>;
}

export const userResource: Resource = {
  title: 'User',
  odataType: 'microsoft.graph.user',
  known: new Set([...Object.keys(writableOfUser), ...readOnlyOfUser, ...sharePointOfUser]),
  usual: words(
    `businessPhones displayName givenName id jobTitle mail mobilePhone officeLocation preferredLanguage surname
     userPrincipalName`,
  ),
  collections: new Set(
    words(
      `businessPhones otherMails identities assignedLicenses assignedPlans provisionedPlans licenseAssignmentStates
       imAddresses proxyAddresses onPremisesProvisioningErrors`,
    ),
  ),
  filterable: new Set(
    words(
      `accountEnabled city country createdDateTime department displayName employeeId givenName id jobTitle mail mailNickname
       onPremisesImmutableId onPremisesSyncEnabled surname usageLocation userPrincipalName userType`,
    ),
  ),
};

export const groupResource: Resource = {
  title: 'Group',
  odataType: 'microsoft.graph.group',
  known: new Set(ofGroup),
  usual: ofGroup.filter((name) => name !== 'licenseProcessingState' && name !== 'isAssignableToRole'),
  collections: new Set(
    words('assignedLabels assignedLicenses groupTypes onPremisesProvisioningErrors proxyAddresses'),
  ),
  filterable: new Set(
    words('displayName id mail mailEnabled mailNickname onPremisesSyncEnabled securityEnabled uniqueName'),
  ),
};

const extensionAttributes = Array.from({ length: 15 }, (_, index) => `extensionAttribute${index + 1}`);
const nested: Record<string, Record<string, Kind>> = {
  passwordProfile: {
    password: 'string',
    forceChangePasswordNextSignIn: 'boolean',
    forceChangePasswordNextSignInWithMfa: 'boolean',
  },
  onPremisesExtensionAttributes: Object.fromEntries(
    extensionAttributes.map((name): [string, Kind] => [name, 'string']),
  ),
  employeeOrgData: { costCenter: 'string', division: 'string' },
};

/** All fifteen, as Graph returns them. */
export function allExtensionAttributes(set: unknown): Record<string, unknown> {
  return {
    ...Object.fromEntries(extensionAttributes.map((name) => [name, null])),
    ...(set as object | null),
  };
}

/** Rejects, in Graph's words, what is no writable property of a user or cannot stand in it. */
export function checkUserProperties(body: Record<string, unknown>): void {
  check(body, writableOfUser, 'User');
  for (const [name, kinds] of Object.entries(nested)) {
    const value = body[name];
    if (value) check(value as Record<string, unknown>, kinds, name[0]?.toUpperCase() + name.slice(1));
  }
}

function check(body: Record<string, unknown>, kinds: Record<string, Kind>, resource: string): void {
  for (const [name, value] of Object.entries(body)) {
    if (name.includes('@odata.')) continue;
    const kind = kinds[name];
    if (!kind) throw unknownProperty(name, resource);
    if (value !== null && !isOfKind(kind, value)) throw invalidValue(name, resource);
  }
}

function isOfKind(kind: Kind, value: unknown): boolean {
  switch (kind) {
    case 'string':
    case 'boolean':
      return typeof value === kind;
    case 'dateTime':
      return typeof value === 'string' && !Number.isNaN(Date.parse(value)) && value.includes('T');
    case 'strings':
      return Array.isArray(value) && value.every((item) => typeof item === 'string');
    case 'objects':
      return Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
  }
}
