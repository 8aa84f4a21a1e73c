import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
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

export const transition = defineAction({
  name: 'jira.transition',
  title: 'Move an issue',
  description: 'Moves a Jira issue to a status, if it is not there yet.',
  effect: 'write',
  source: 'Jira Cloud REST API v3: Transition issue',
  input,
  output,
  examples: [{ title: 'The ticket of the run is done', with: { issue: '${{ ticket.key }}', to: 'Done' } }],

  ...ensure<Static<typeof input>, HttpClient, State, Static<typeof output>, string>({
    look: async ({ issue, to }, { client }) => {
      const { id, status } = await issueOf(client, issue);
      return { id, status, available: same(status, to) ? [] : await transitionsOf(client, id) };
    },
    isDone: ({ status }, { to }) => same(status, to),
    problem: ({ status, available }, { issue, to }) =>
      available.some((item) => same(item.to.name, to))
        ? undefined
        : notAvailable(issue, status, to, available),
    change: async ({ id, available }, { to }, { client }) => {
      const chosen = available.find((item) => same(item.to.name, to));
      await client.send({
        method: 'POST',
        path: `${issuePath(id)}/transitions`,
        body: { transition: { id: chosen?.id } },
        // Jira: "the issue could not be updated due to a conflicting update".
        retry: [409],
      });
      return chosen?.to.name ?? to;
    },
    // A rule of the project may have moved it on at once.
    tookHold: ({ status }, { from }) => !same(status, from),
    output: ({ did, before, now, changed }) => ({
      from: before.status,
      to: changed ?? now.status,
      moved: did,
    }),
    words: {
      done: ({ status }, { issue }) => `${issue} is in ${status} already`,
      would: (state, { issue, to }) => `would move ${issue} from ${state?.status} to ${to}`,
    },
  }),
});

interface State {
  id: string;
  status: string;
  /** Where it can go from there, where it is not where it should be. */
  available: Transition[];
}

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
