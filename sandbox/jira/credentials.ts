/** The account by which Countersign signs in to the Jira stand-in. */
export const credentials = {
  email: 'countersign@example.com',
  apiToken: 'sandbox-jira-token',
  accountId: '5b10a2844c20165700ede21g',
};
