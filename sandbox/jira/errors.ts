/** How Jira says no (Jira Cloud REST API v3: ErrorCollection). */

export class JiraError extends Error {
  readonly status: number;
  readonly body: { errorMessages: string[]; errors: Record<string, string> };
  constructor(status: number, messages: string | string[], errors: Record<string, string> = {}) {
    const errorMessages = [messages].flat();
    super([...errorMessages, ...Object.values(errors)].join(' '));
    this.status = status;
    this.body = { errorMessages, errors };
  }
}

export function invalidPayload(): JiraError {
  return new JiraError(400, 'Invalid request payload. Refer to the REST API documentation and try again.');
}
