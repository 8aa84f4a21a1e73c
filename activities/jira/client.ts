/** Jira Cloud's REST API, version 3. */
import { type Static, Type } from 'typebox';
import { PermanentFailure } from '../kit/failures.ts';
import { HttpClient, secureBaseUrl } from '../kit/http.ts';
import { caSetting, trustOf } from '../kit/trust.ts';

export const JiraSettings = Type.Object(
  {
    baseUrl: Type.String({
      minLength: 1,
      description: 'Address of the site, such as https://example.atlassian.net.',
    }),
    email: Type.String({ minLength: 1, description: 'E-mail address of the account that Countersign uses.' }),
    apiToken: Type.String({ minLength: 1, description: 'An API token of that account.' }),
    ...caSetting,
  },
  { additionalProperties: false },
);

export function connectJira(settings: Static<typeof JiraSettings>): HttpClient {
  const credentials = Buffer.from(`${settings.email}:${settings.apiToken}`).toString('base64');
  return new HttpClient({
    service: 'Jira',
    setting: 'connectors.jira.baseUrl',
    trust: trustOf('jira', settings.ca),
    baseUrl: secureBaseUrl('connectors.jira.baseUrl', settings.baseUrl),
    headers: () => ({ authorization: `Basic ${credentials}` }),
    wordsOf: jiraWords,
    requestIdHeader: 'atl-request-id',
  });
}

/** Jira's ErrorCollection. */
interface ErrorCollection {
  errorMessages?: string[];
  errors?: Record<string, string>;
}

function jiraWords(body: unknown): string | undefined {
  if (typeof body === 'string') return body.startsWith('<') ? undefined : body.slice(0, 200);
  const { errorMessages = [], errors = {} } = (body ?? {}) as ErrorCollection;
  const words = [
    ...errorMessages,
    ...Object.entries(errors).map(([field, message]) => `${field}: ${message}`),
  ];
  return words.length > 0 ? words.join(' ') : undefined;
}

/**
 * An issue that moved to another project has another key, and only Get issue documents that it looks for it by the old one. Does
 * the work with the issue as it was named, and where there is none of that name, with the one that it became.
 */
export async function withIssue<T>(
  client: HttpClient,
  issue: string,
  work: (issue: string) => Promise<T>,
): Promise<T> {
  try {
    return await work(issue);
  } catch (error) {
    if (!(error instanceof PermanentFailure) || error.details.status !== 404) throw error;
    const { body } = await client.send({
      method: 'GET',
      path: issuePath(issue),
      query: { fields: 'status' },
    });
    return work((body as { id: string }).id);
  }
}

/** The path of an issue, given its key or id. */
export function issuePath(issue: string): string {
  return `/rest/api/3/issue/${encodeURIComponent(issue)}`;
}
