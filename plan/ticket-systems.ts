/** The ticket systems whose deliveries can be read: `tickets/` has a file for each, and a test holds the two together. */
export const ticketSystemNames = ['jira', 'servicenow'] as const;
