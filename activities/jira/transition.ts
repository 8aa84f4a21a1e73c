import { Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import type { HttpClient } from '../kit/http.ts';
import { issuePath } from './client.ts';

const input = Type.Object(
  {
    issue: Type.String({ minLength: 1, description: 'Key or id of the issue, such as HR-17.' }),
    to: Type.String({ minLength: 1, description: 'Name of the status to move it to, such as Done.' }),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  from: Type.String({ description: 'Status before.' }),
  to: Type.String({ description: 'Status now.' }),
  moved: Type.Boolean({ description: 'True when this step moved it, false when it was there already.' }),
});

interface Transition {
  id: string;
  to: { name: string };
  isAvailable?: boolean;
}

type Context = ActionContext<HttpClient>;

export const transition = defineAction({
  name: 'jira.transition',
  title: 'Move an issue',
  description: 'Moves a Jira issue to a status, if it is not there yet.',
  effect: 'write',
  source: 'Jira Cloud REST API v3: Transition issue',
  input,
  output,
  examples: [{ title: 'The ticket of the run is done', with: { issue: '${{ ticket.key }}', to: 'Done' } }],

  async run({ issue: named, to }, { client, rememberBeforeWrite }: Context) {
    const { id: issue, status: now } = await issueOf(client, named);
    const from = await rememberBeforeWrite(async () => now);
    if (same(now, to)) return { from, to: now, moved: !same(from, to) };
    const available = await transitionsOf(client, issue);
    const chosen = available.find((item) => same(item.to.name, to));
    if (!chosen) throw new PermanentFailure(notAvailable(named, now, to, available));
    await client.send({
      method: 'POST',
      path: `${issuePath(issue)}/transitions`,
      body: { transition: { id: chosen.id } },
      // Jira: "the issue could not be updated due to a conflicting update".
      retry: [409],
    });
    return { from, to: chosen.to.name, moved: !same(from, to) };
  },

  async preview({ issue, to }, { client }: Context) {
    const { id, status: from } = await issueOf(client, issue);
    if (same(from, to)) return { summary: `${issue} is in ${from} already`, nothingToDo: true };
    const available = await transitionsOf(client, id);
    const possible = available.some((item) => same(item.to.name, to));
    return {
      summary: `would move ${issue} from ${from} to ${to}`,
      ...defined({ problems: possible ? undefined : [notAvailable(issue, from, to, available)] }),
    };
  },

  async verify({ issue, to }, { client }: Context) {
    return same((await issueOf(client, issue)).status, to);
  },
});

/** Jira Cloud REST API v3: Get issue. Also of one that moved to another project since it was named: its id is good everywhere. */
async function issueOf(client: HttpClient, issue: string): Promise<{ id: string; status: string }> {
  const { body } = await client.send({
    method: 'GET',
    path: issuePath(issue),
    query: { fields: 'status' },
  });
  const { id, fields } = body as { id: string; fields: { status: { name: string } } };
  return { id, status: fields.status.name };
}

/** Jira Cloud REST API v3: Get transitions. */
async function transitionsOf(client: HttpClient, issue: string): Promise<Transition[]> {
  const { body } = await client.send({ method: 'GET', path: `${issuePath(issue)}/transitions` });
  return (body as { transitions: Transition[] }).transitions.filter((item) => item.isAvailable !== false);
}

/** Status names are written by people. */
function same(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}

function notAvailable(issue: string, from: string, to: string, available: Transition[]): string {
  const names = [...new Set(available.map((item) => item.to.name))];
  const can =
    names.length > 0 ? `From there it can go to: ${names.join(', ')}.` : 'From there it can go nowhere.';
  return `${issue} is in ${from} and cannot be moved to ${to}. ${can} Correct \`to\`, or ask for the permission in Jira.`;
}
