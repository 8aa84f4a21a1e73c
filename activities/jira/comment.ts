import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import type { HttpClient } from '../kit/http.ts';
import { issuePath, withIssue } from './client.ts';
import { documentOf } from './document.ts';

const input = Type.Object(
  {
    issue: Type.String({ minLength: 1, description: 'Key or id of the issue, such as HR-17.' }),
    text: Type.String({
      pattern: '\\S',
      description: 'The comment as plain text: an empty line begins a paragraph, web addresses become links.',
    }),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  id: Type.String({ description: 'Id of the comment.' }),
  added: Type.Boolean({ description: 'True when this step added it, false when it was there before.' }),
});

/** The entity property by which a retry knows the comment of the first try. */
const property = 'countersign';

interface Comment {
  id: string;
  properties?: { key: string; value?: { key?: string } }[];
}

export const comment = defineAction({
  name: 'jira.comment',
  title: 'Comment on an issue',
  description: 'Adds a comment to a Jira issue. Trying again finds the comment of the first try.',
  effect: 'write',
  source: 'Jira Cloud REST API v3: Add comment',
  input,
  output,
  examples: [
    {
      title: 'On the ticket of the run',
      with: { issue: '${{ ticket.key }}', text: 'The account is ready.' },
    },
  ],

  ...ensure<Static<typeof input>, HttpClient, State, Static<typeof output>, string>({
    look: ({ issue: named }, { client, key }) =>
      withIssue(client, named, async (issue) => ({
        issue,
        ...defined({ there: (await find(client, issue, key))?.id }),
      })),
    isDone: ({ there }) => there !== undefined,
    change: async ({ issue }, { text }, { client, key }) => {
      const { body } = await client.send({
        method: 'POST',
        path: `${issuePath(issue)}/comment`,
        body: { body: documentOf(text), properties: [{ key: property, value: { key } }] },
      });
      return (body as Comment).id;
    },
    output: ({ did, now, changed }) => ({ id: changed ?? now.there ?? '', added: did }),
    words: {
      done: (_, { issue }) => `has commented on ${issue} already`,
      would: (_, input) => wouldComment(input),
    },
  }),

  // What this step has yet to write is nowhere, so nothing is looked for.
  preview: async (input) => ({ summary: wouldComment(input) }),
});

interface State {
  /** By the name that comments are taken under. */
  issue: string;
  /** Id of the comment of an earlier try. */
  there?: string;
}

function wouldComment({ issue, text }: Static<typeof input>): string {
  const start = text.trim().split('\n')[0] ?? '';
  return `would comment on ${issue}: ${start.length > 60 ? `${start.slice(0, 59)}…` : start}`;
}

/** Jira Cloud REST API v3: Get comments. The newest first, since an earlier try was moments ago. */
async function find(client: HttpClient, issue: string, key: string): Promise<Comment | undefined> {
  for (let startAt = 0; ; ) {
    const query = { expand: 'properties', orderBy: '-created', startAt, maxResults: 100 };
    const { body } = await client.send({ method: 'GET', path: `${issuePath(issue)}/comment`, query });
    const page = body as { comments: Comment[]; total: number };
    const found = (await withProperties(client, page.comments)).find((item) =>
      item.properties?.some((entry) => entry.key === property && entry.value?.key === key),
    );
    startAt += page.comments.length;
    if (found || page.comments.length === 0 || startAt >= page.total) return found;
  }
}

/**
 * Jira Cloud REST API v3: Get comments by IDs, the only request that documents that it gives properties. Saved where
 * they came with the issue's comments.
 */
async function withProperties(client: HttpClient, comments: Comment[]): Promise<Comment[]> {
  if (comments.length === 0 || comments.some((item) => item.properties)) return comments;
  const { body } = await client.send({
    method: 'POST',
    path: '/rest/api/3/comment/list',
    query: { expand: 'properties' },
    body: { ids: comments.map((item) => Number(item.id)) },
  });
  return (body as { values: Comment[] }).values;
}
