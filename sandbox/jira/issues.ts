/** The issues behind the Jira stand-in. */
import type { Effects } from '../effects.ts';

export interface Comment {
  id: string;
  body: unknown;
  created: string;
  properties: { key: string; value: unknown }[];
}

export interface Issue {
  id: string;
  key: string;
  fields: Record<string, unknown>;
  status: string;
  comments: Comment[];
}

/** Status names, with what they can move to. */
export const statuses: Record<string, { id: string; to: string[] }> = {
  'Waiting for approval': { id: '10001', to: ['Approved', 'Rejected'] },
  Approved: { id: '10002', to: ['In Progress', 'Done', 'Rejected'] },
  'In Progress': { id: '3', to: ['Done', 'Rejected'] },
  Done: { id: '10003', to: [] },
  Rejected: { id: '10004', to: ['Waiting for approval'] },
};

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

export class Issues {
  readonly issues = new Map<string, Issue>();
  private readonly effects: Effects;
  private nextId = 20_000;

  constructor(effects: Effects) {
    this.effects = effects;
    this.seed();
    this.recall();
  }

  reset(): void {
    this.issues.clear();
    this.seed();
  }

  private seed(): void {
    this.addNewHire({ key: 'HR-101', givenName: 'Ada', familyName: 'Lind' });
  }

  private recall(): void {
    for (const { effect, subject, detail } of this.effects.list({ system: 'jira' })) {
      const issue = this.issues.get(subject);
      if (effect === 'issue.created' && detail?.hire)
        this.addNewHire({ ...(detail.hire as NewHire), key: subject });
      if (effect === 'comment.added' && issue) issue.comments.push(detail?.comment as Comment);
      if (effect === 'issue.transitioned' && issue) issue.status = String(detail?.to);
    }
  }

  /** A ticket as the form of the HR project makes it. */
  addNewHire(hire: NewHire): Issue {
    const key = hire.key ?? `HR-${this.issues.size + 101}`;
    const issue: Issue = {
      id: String(this.nextId++),
      key,
      status: 'Waiting for approval',
      comments: [],
      fields: {
        summary: `New hire: ${hire.givenName} ${hire.familyName}`,
        issuetype: { id: '10200', name: 'New hire', subtask: false },
        project: { id: '10000', key: 'HR', name: 'Human Resources' },
        reporter: {
          accountId: '5b10ac8d82e05b22cc7d4ef5',
          displayName: 'Sam Lindqvist',
          emailAddress: 'sam.lindqvist@example.com',
          active: true,
        },
        customfield_10101: hire.givenName,
        customfield_10102: hire.familyName,
        customfield_10103: hire.startDate ?? '2026-12-01',
        customfield_10104: {
          displayName: 'Dana Reyes',
          emailAddress: hire.manager ?? 'dana.reyes@example.com',
        },
        customfield_10105: hire.country ?? 'DE',
        customfield_10106: { value: hire.licence ?? 'SPE_E3' },
        customfield_10107: hire.groups ?? ['All Staff', 'Engineering', 'VPN Users'],
      },
    };
    this.issues.set(key, issue);
    return issue;
  }

  create(hire: NewHire): Issue {
    const issue = this.addNewHire(hire);
    this.effects.add('jira', 'issue.created', issue.key, { hire });
    return issue;
  }

  find(keyOrId: string): Issue | undefined {
    return this.issues.get(keyOrId) ?? [...this.issues.values()].find((issue) => issue.id === keyOrId);
  }

  comment(issue: Issue, body: unknown, properties: Comment['properties']): Comment {
    const comment: Comment = {
      id: String(30_000 + this.effects.list({ system: 'jira' }).length),
      body,
      created: new Date().toISOString(),
      properties,
    };
    issue.comments.push(comment);
    this.effects.add('jira', 'comment.added', issue.key, { comment });
    return comment;
  }

  /** By a person in Jira, or over the API. */
  move(issue: Issue, to: string): { from: string } {
    const from = issue.status;
    issue.status = to;
    this.effects.add('jira', 'issue.transitioned', issue.key, { from, to });
    return { from };
  }
}
