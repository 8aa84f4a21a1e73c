import { badDayWords, type Shared, type StandIn } from '../stand-in.ts';
import { credentials } from './credentials.ts';
import { Issues } from './issues.ts';
import { peopleInJira } from './people.ts';
import { jiraRoutes } from './routes.ts';

/** Jira Cloud. */
export function jira({ effects, url }: Shared): StandIn {
  const issues = new Issues(effects);
  const { email, apiToken } = credentials;
  return {
    system: 'jira',
    prefix: '/rest/',
    routes: (app) => jiraRoutes(app, issues, url),
    isUnknown: ({ url: address }) => {
      const key = /\/issue\/([^/?]+)/.exec(address)?.[1];
      return key !== undefined && !issues.find(key) && !issues.findMoved(key);
    },
    people: (app) => peopleInJira(app, issues, url),
    state: () => ({
      issues: issues.list().map((issue) => ({ ...issue, properties: Object.fromEntries(issue.properties) })),
    }),
    reset: () => issues.reset(),
    connectors: (baseUrl) => ({ jira: { email, apiToken, baseUrl } }),
    errorBody: (status) => ({ errorMessages: [badDayWords(status)], errors: {} }),
  };
}
