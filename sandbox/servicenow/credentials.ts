/** The account by which Countersign signs in to the ServiceNow stand-in. */
export const credentials = {
  user: 'countersign',
  password: 'sandbox-servicenow-password',
  name: 'Countersign',
};
