/** The issues behind the Jira stand-in. Every change is an effect first, and is made from that effect alone. */
import type { Effect, Effects } from '../effects.ts';

export interface Property {
  key: string;
  value: unknown;
}

export interface Comment {
  id: string;
  body: unknown;
  created: string;
  properties: Property[];
}

export interface Issue {
  id: string;
  key: string;
  fields: Record<string, unknown>;
  status: string;
  comments: Comment[];
  properties: Map<string, unknown>;
  created: string;
  updated: string;
}

export interface NewHire {
  key?: string;
  givenName: string;
  familyName: string;
  startDate?: string;
  manager?: string;
  country?: string;
  licence?: string;
  groups?: string[];
}

const seeded = '2026-01-05T09:00:00.000Z';
const firstNumber = 101;

export class Issues {
  private readonly issues = new Map<string, Issue>();
  private readonly effects: Effects;

  constructor(effects: Effects) {
    this.effects = effects;
    this.reset();
    for (const effect of effects.list({ system: 'jira' })) this.apply(effect);
  }

  reset(): void {
    this.issues.clear();
    this.addNewHire({ key: `HR-${firstNumber}`, givenName: 'Ada', familyName: 'Lind' }, seeded);
  }

  list(): Issue[] {
    return [...this.issues.values()];
  }

  find(keyOrId: string): Issue | undefined {
    return this.issues.get(keyOrId.toUpperCase()) ?? this.list().find((issue) => issue.id === keyOrId);
  }

  /** A ticket as the form of the HR project makes it. */
  create(hire: NewHire): Issue {
    const key = hire.key ?? `HR-${firstNumber + this.issues.size}`;
    this.change('issue.created', key, { hire: { ...hire, key } });
    return this.issueOf(key);
  }

  comment(issue: Issue, body: unknown, properties: Property[]): Comment {
    const comment: Comment = {
      id: String(30_000 + this.effects.list({ system: 'jira' }).length),
      body,
      created: new Date().toISOString(),
      properties,
    };
    this.change('comment.added', issue.key, { comment });
    return comment;
  }

  /** By a person in Jira, or over the API. */
  move(issue: Issue, to: string): { from: string } {
    const from = issue.status;
    this.change('issue.transitioned', issue.key, { from, to });
    return { from };
  }

  edit(issue: Issue, fields: Record<string, unknown>): void {
    this.change('issue.edited', issue.key, { fields });
  }

  /** True when the property is new. */
  setProperty(issue: Issue, key: string, value: unknown): boolean {
    const isNew = !issue.properties.has(key);
    this.change('property.set', issue.key, { key, value });
    return isNew;
  }

  removeProperty(issue: Issue, key: string): void {
    this.change('property.removed', issue.key, { key });
  }

  private change(effect: string, subject: string, detail: Record<string, unknown>): void {
    this.apply(this.effects.add('jira', effect, subject, detail));
  }

  private apply({ effect, subject, at, detail = {} }: Effect): void {
    if (effect === 'issue.created') {
      this.addNewHire(detail.hire as NewHire, at);
      return;
    }
    const issue = this.issues.get(subject);
    if (!issue) return;
    issue.updated = at;
    switch (effect) {
      case 'comment.added':
        issue.comments.push(detail.comment as Comment);
        return;
      case 'issue.transitioned':
        issue.status = String(detail.to);
        return;
      case 'issue.edited':
        Object.assign(issue.fields, detail.fields);
        return;
      case 'property.set':
        issue.properties.set(String(detail.key), detail.value);
        return;
      case 'property.removed':
        issue.properties.delete(String(detail.key));
    }
  }

  private addNewHire(hire: NewHire, created: string): void {
    const key = hire.key ?? '';
    this.issues.set(key, {
      id: String(20_000 + this.issues.size),
      key,
      status: 'Waiting for approval',
      comments: [],
      properties: new Map(),
      created,
      updated: created,
      fields: fieldsOf(hire),
    });
  }

  private issueOf(key: string): Issue {
    const issue = this.issues.get(key);
    if (!issue) throw new Error(`There is no issue ${key}.`);
    return issue;
  }
}

export const reporter = {
  accountId: '5b10ac8d82e05b22cc7d4ef5',
  displayName: 'Sam Lindqvist',
  emailAddress: 'sam.lindqvist@example.com',
};

/** The custom fields of the new-hire form, as `runbooks/onboarding/new-hire.yaml` reads them. */
function fieldsOf(hire: NewHire): Record<string, unknown> {
  const manager = hire.manager ?? 'dana.reyes@example.com';
  return {
    summary: `New hire: ${hire.givenName} ${hire.familyName}`,
    issuetype: { id: '10200', name: 'New hire', description: '', subtask: false, hierarchyLevel: 0 },
    project: {
      id: '10000',
      key: 'HR',
      name: 'Human Resources',
      projectTypeKey: 'business',
      simplified: false,
    },
    priority: { id: '3', name: 'Medium' },
    labels: [],
    assignee: null,
    description: null,
    resolution: null,
    reporter: { ...reporter, active: true, timeZone: 'Europe/Berlin', accountType: 'atlassian' },
    customfield_10101: hire.givenName,
    customfield_10102: hire.familyName,
    customfield_10103: hire.startDate ?? '2026-12-01',
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
  };
}

/** `dana.reyes@example.com` is Dana Reyes. */
function nameOf(address: string): string {
  return (address.split('@')[0] ?? '')
    .split('.')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
}
