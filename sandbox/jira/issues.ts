/** The issues behind the Jira stand-in. Every change is an effect first, and is made from that effect alone. */
import type { Effect, Effects } from '../effects.ts';
import { type Form, fieldsOf, today } from './forms.ts';

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

const seeded = '2026-01-05T09:00:00.000Z';
const firstNumber = 101;

export class Issues {
  private readonly issues = new Map<string, Issue>();
  /** By a key that it had before it moved to another project. */
  private readonly moved = new Map<string, Issue>();
  /** How many there ever were: neither a key nor an id is given twice. */
  private made = 0;
  private readonly effects: Effects;

  constructor(effects: Effects) {
    this.effects = effects;
    this.reset();
    for (const effect of effects.list({ system: 'jira' })) this.apply(effect);
  }

  reset(): void {
    this.issues.clear();
    this.moved.clear();
    this.made = 0;
    this.add(
      {
        key: `HR-${firstNumber}`,
        givenName: 'Ada',
        familyName: 'Lind',
        startDate: today(),
        laptop: 'standard',
        desk: 'D-204',
      },
      seeded,
    );
  }

  list(): Issue[] {
    return [...this.issues.values()];
  }

  find(keyOrId: string): Issue | undefined {
    return this.issues.get(keyOrId.toUpperCase()) ?? this.list().find((issue) => issue.id === keyOrId);
  }

  /** Jira Cloud REST API v3, Get issue: the one request that documents that it looks for issues that moved. */
  findMoved(key: string): Issue | undefined {
    return this.moved.get(key.toUpperCase());
  }

  /** A ticket as the form of its project makes it. */
  create(form: Form): Issue {
    const project = 'rings' in form ? 'OPS' : 'HR';
    const key = form.key ?? `${project}-${firstNumber + this.made}`;
    this.change('issue.created', key, { form: { startDate: today(), ...form, key } });
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

  /** To another project, where it gets another key and keeps its id. */
  moveTo(issue: Issue, project: string): { was: string } {
    const was = issue.key;
    this.change('issue.rekeyed', was, { key: `${project}-${firstNumber + this.made}` });
    return { was };
  }

  remove(issue: Issue): void {
    this.change('issue.deleted', issue.key, {});
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
      this.add(detail.form as Form, at);
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
        return;
      case 'issue.rekeyed':
        this.issues.delete(subject);
        issue.key = String(detail.key);
        this.issues.set(issue.key, issue);
        this.moved.set(subject, issue);
        this.made += 1;
        return;
      case 'issue.deleted':
        this.issues.delete(subject);
        for (const [key, other] of this.moved) if (other === issue) this.moved.delete(key);
    }
  }

  private add(form: Form, created: string): void {
    const key = form.key ?? '';
    this.issues.set(key, {
      id: String(20_000 + this.made),
      key,
      status: 'Waiting for approval',
      comments: [],
      properties: new Map(),
      created,
      updated: created,
      fields: fieldsOf(form),
    });
    this.made += 1;
  }

  private issueOf(key: string): Issue {
    const issue = this.issues.get(key);
    if (!issue) throw new Error(`There is no issue ${key}.`);
    return issue;
  }
}
