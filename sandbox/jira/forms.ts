/** The forms by which people open tickets, and the fields that they fill. */

export interface NewHire {
  key?: string;
  givenName: string;
  familyName: string;
  /** Today unless said. */
  startDate?: string;
  manager?: string;
  country?: string;
  licence?: string;
  groups?: string[];
  laptop?: string;
  desk?: string;
}

export interface PatchNight {
  key?: string;
  rings: string[];
  month: string;
}

/** Of another project: what matters is that it is there. */
export interface Plain {
  key: string;
  type: string;
  summary: string;
}

export type Form = NewHire | PatchNight | Plain;

export const reporter = {
  accountId: '5b10ac8d82e05b22cc7d4ef5',
  displayName: 'Sam Lindqvist',
  emailAddress: 'sam.lindqvist@example.com',
};

/** The company's day: 2026-01-31. */
export function today(): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Berlin' }).format(new Date());
}

export function fieldsOf(form: Form): Record<string, unknown> {
  if ('type' in form) return { ...common, ...plainFields(form) };
  return { ...common, ...('rings' in form ? fieldsOfPatchNight(form) : fieldsOfHire(form)) };
}

const common = {
  priority: { id: '3', name: 'Medium' },
  labels: [],
  assignee: null,
  description: null,
  resolution: null,
  reporter: { ...reporter, active: true, timeZone: 'Europe/Berlin', accountType: 'atlassian' },
};

/** As `runbooks/onboarding/new-hire.yaml` reads them. */
function fieldsOfHire(hire: NewHire): Record<string, unknown> {
  const manager = hire.manager ?? 'dana.reyes@example.com';
  return {
    summary: `New hire: ${hire.givenName} ${hire.familyName}`,
    issuetype: issueType('10200', 'New hire'),
    project: project('10000', 'HR', 'Human Resources'),
    customfield_10101: hire.givenName,
    customfield_10102: hire.familyName,
    customfield_10103: hire.startDate ?? today(),
    customfield_10104: {
      accountId: `sandbox:${manager}`,
      displayName: nameOf(manager),
      emailAddress: manager,
      active: true,
      accountType: 'atlassian',
    },
    customfield_10105: hire.country ?? 'DE',
    customfield_10106: { id: '10300', value: hire.licence ?? 'SPE_E3' },
    customfield_10107: hire.groups ?? ['All Staff', 'Engineering', 'VPN Users'],
    customfield_10108: hire.laptop ? { id: '10310', value: hire.laptop } : null,
    customfield_10109: hire.desk ?? null,
  };
}

/** As `runbooks/maintenance/patch-ring.yaml` reads them. */
function fieldsOfPatchNight({ rings, month }: PatchNight): Record<string, unknown> {
  return {
    summary: `Patch night: ${month}`,
    issuetype: issueType('10201', 'Patch night'),
    project: project('10001', 'OPS', 'IT Operations'),
    customfield_10201: rings,
    customfield_10202: month,
  };
}

function plainFields({ key, type, summary }: Plain): Record<string, unknown> {
  const name = key.replace(/-\d+$/, '');
  return {
    summary,
    issuetype: issueType('10299', type),
    project: project('10009', name, name),
  };
}

function issueType(id: string, name: string) {
  return { id, name, description: '', subtask: false, hierarchyLevel: 0 };
}

function project(id: string, key: string, name: string) {
  return { id, key, name, projectTypeKey: 'business', simplified: false };
}

/** `dana.reyes@example.com` is Dana Reyes. */
function nameOf(address: string): string {
  return (address.split('@')[0] ?? '')
    .split('.')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
}
