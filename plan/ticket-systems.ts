/** Which ticket systems ship, and what people call them: written by scripts/registries.mjs, and not by hand. */
export const ticketSystemTitles = {
  freshservice: 'Freshservice',
  jira: 'Jira',
  servicenow: 'ServiceNow',
  zendesk: 'Zendesk',
} as const;

export const ticketSystemNames: readonly string[] = Object.keys(ticketSystemTitles);
