/** The runbooks that are measured, as a repository of their own: what a new hire takes at the least, and twenty writes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const manager = 'dana.reyes@example.com';
export const coordinator = 'kim.okafor@example.com';

const configuration = `organisation: { name: Example Company, domain: example.com }
timezone: Europe/Berlin
roles:
  it-coordinators: { people: [${coordinator}] }
secrets:
  entraClientSecret: { env: ENTRA_CLIENT_SECRET }
  jiraToken: { env: JIRA_TOKEN }
  jiraWebhook: { env: JIRA_WEBHOOK_SECRET }
  mailPassword: { env: MAIL_PASSWORD }
connectors:
  entra:
    tenant: example.onmicrosoft.com
    clientId: 11111111-2222-4333-8444-555555555555
    clientSecret: \${{ secrets.entraClientSecret }}
  jira:
    baseUrl: https://example.atlassian.net
    email: countersign@example.com
    apiToken: \${{ secrets.jiraToken }}
  mail:
    host: smtp.example.com
    user: countersign
    password: \${{ secrets.mailPassword }}
    from: it@example.com
tickets:
  jira:
    webhookSecret: \${{ secrets.jiraWebhook }}
`;

/** Two reads, a signature, three writes and a mail; `by-hand.ts` does the same. */
const hire = `runbook: quick-hire
title: Quick hire
kind: onboarding
owner: role:it-coordinators
on:
  - ticket: { system: jira, project: HR, type: New hire, to: Approved }
    inputs:
      givenName: \${{ ticket.fields.customfield_10101 }}
      familyName: \${{ ticket.fields.customfield_10102 }}
      manager: \${{ ticket.fields.customfield_10104.emailAddress }}
inputs:
  givenName: { type: string, minLength: 1 }
  familyName: { type: string, minLength: 1 }
  manager: { type: string, format: email }
unique: \${{ ticket.key }}
steps:
  - id: manager
    uses: entra.getUser
    with: { user: "\${{ inputs.manager }}" }
  - id: units
    uses: entra.getLicense
    with: { license: SPE_E3 }
  - id: signoff
    title: The manager signs
    approve:
      from: ["\${{ steps.manager.output.userPrincipalName }}"]
      show: { person: "\${{ inputs.givenName }} \${{ inputs.familyName }}", free: "\${{ steps.units.output.free }}" }
  - id: account
    uses: entra.createUser
    with:
      userPrincipalName: \${{ inputs.givenName + "." + inputs.familyName + "@example.com" }}
      displayName: \${{ inputs.givenName + " " + inputs.familyName }}
      usageLocation: DE
  - id: member
    uses: entra.addGroupMember
    with: { user: "\${{ steps.account.output.id }}", group: All Staff }
  - id: comment
    uses: jira.comment
    with: { issue: "\${{ ticket.key }}", text: "\${{ inputs.givenName }} has an account." }
  - id: tell
    uses: mail.send
    with:
      to: ["\${{ inputs.manager }}"]
      subject: Everything is ready for \${{ inputs.givenName }}
      text: The account is \${{ steps.account.output.userPrincipalName }}.
`;

const writes = 20;

function twentyWrites(): string {
  const steps = Array.from(
    { length: writes },
    (_, index) =>
      `  - id: write${index + 1}\n    uses: jira.comment\n    with: { issue: "\${{ ticket.key }}", text: Note ${index + 1} }\n`,
  );
  return `runbook: twenty-writes
title: Twenty writes
kind: other
owner: role:it-coordinators
on:
  - ticket: { system: jira, project: OPS, type: Notes, to: Approved }
unique: \${{ ticket.key }}
steps:
${steps.join('')}`;
}

export function writeRepository(folder: string): void {
  mkdirSync(join(folder, 'runbooks'), { recursive: true });
  writeFileSync(join(folder, 'countersign.yaml'), configuration);
  writeFileSync(join(folder, 'runbooks', 'quick-hire.yaml'), hire);
  writeFileSync(join(folder, 'runbooks', 'twenty-writes.yaml'), twentyWrites());
}
