/** An issue in a simulated Jira: what is changed in it, and what its webhook says of each change. */
import type { JsonObject } from '../../../plan/plan.ts';

export interface IssueChange {
  /** Jira's own number of it. */
  number: number;
  body: string;
  to?: string;
  start?: string;
}

/** One field, and a status. */
export const field = 'customfield_1';
/** Numbers of changes count over all issues. */
const firstNumber = 100;
const began = Date.UTC(2026, 0, 5, 9);

export class SimulatedIssue {
  readonly id: string;
  readonly key: string;
  readonly changes: IssueChange[] = [];
  private readonly count: () => number;
  private status = 'Open';
  private start = 't0';

  constructor(name: string, count: () => number) {
    this.key = `HR-${name}`;
    this.id = `1000${name}`;
    this.count = count;
  }

  change({ to, edited }: { to?: string; edited: boolean }): IssueChange {
    const number = firstNumber + this.count();
    const from = this.status;
    const before = this.start;
    if (to !== undefined) this.status = to;
    if (edited) this.start = `t${number}`;
    const items = [
      ...(to === undefined ? [] : [{ field: 'status', fieldId: 'status', fromString: from, toString: to }]),
      ...(edited ? [{ field: 'Start', fieldId: field, fromString: before, toString: this.start }] : []),
    ];
    const change: IssueChange = {
      number,
      body: JSON.stringify(this.told(number, items)),
      ...(to === undefined ? {} : { to }),
      ...(edited ? { start: this.start } : {}),
    };
    this.changes.push(change);
    return change;
  }

  /** In force once all is told. */
  now(): { status: string; start: string } {
    return { status: this.status, start: this.start };
  }

  private told(number: number, items: object[]): JsonObject {
    return {
      webhookEvent: 'jira:issue_updated',
      timestamp: began + number,
      user: { emailAddress: 'mover@example.com' },
      issue: {
        id: this.id,
        key: this.key,
        self: `https://example.atlassian.net/rest/api/2/issue/${this.key}`,
        fields: {
          summary: 'A person joins',
          status: { name: this.status },
          project: { key: 'HR' },
          issuetype: { name: 'Task' },
          reporter: { emailAddress: 'asker@example.com' },
          [field]: this.start,
        },
      },
      changelog: { id: String(number), items } as unknown as JsonObject,
    };
  }
}
