/** CS19xx: `countersign.yaml`. Its examples are configurations, not runbooks. */
import { define, listOf } from '../diagnostic.ts';

export const secretSource = define<{ name: string; has: number }>({
  code: 'CS1901',
  title: 'A secret without a place',
  message: ({ name, has }) =>
    has === 0
      ? `The secret \`${name}\` does not say where it is found: \`{ env: NAME }\` or \`{ file: PATH }\`.`
      : `The secret \`${name}\` is in one place: either \`env\` or \`file\`.`,
  explanation: 'A secret is read from an environment variable or a file by the process that uses it.',
  wrong: 'secrets:\n  token: {}',
  right: 'secrets:\n  token: { env: JIRA_TOKEN }',
});

export const unknownSecret = define<{ name: string; known: string[] }>({
  code: 'CS1902',
  title: 'Unknown secret',
  message: ({ name, known }) =>
    known.length === 0
      ? `There is no secret \`${name}\`: nothing stands under \`secrets\`.`
      : `There is no secret \`${name}\`. There are ${listOf(known)}.`,
  explanation: 'A secret is named here and defined under `secrets:` in the same file.',
  wrong:
    'connectors:\n  jira: { baseUrl: https://example.atlassian.net, apiToken: "${{ secrets.jiraToken }}" }',
  right:
    'secrets:\n  jiraToken: { env: JIRA_TOKEN }\nconnectors:\n  jira: { baseUrl: https://example.atlassian.net, apiToken: "${{ secrets.jiraToken }}" }',
});

export const onlySecrets = define<{ text: string }>({
  code: 'CS1903',
  title: 'An expression in the configuration',
  message: ({ text }) =>
    `"${text}" is not computed here. Only a secret can stand in the configuration, as a whole value: \`\${{ secrets.NAME }}\`.`,
  explanation: 'The configuration has fixed values, and secrets by name.',
  wrong: 'organisation:\n  mail: "${{ organisation.name }}@example.com"',
  right: 'organisation:\n  mail: it@example.com',
});

export const plainSecret = define<{ key: string }>({
  code: 'CS1904',
  title: 'A secret in plain text',
  message: ({ key }) =>
    `\`${key}\` looks like a secret and stands here in plain text. Define it under \`secrets\` and write \`\${{ secrets.NAME }}\`.`,
  explanation: 'The configuration is in git, where a password or token stays for ever.',
  wrong: 'connectors:\n  jira: { apiToken: abc123 }',
  right:
    'secrets:\n  jiraToken: { env: JIRA_TOKEN }\nconnectors:\n  jira: { apiToken: "${{ secrets.jiraToken }}" }',
});

export const emptyRole = define<{ role: string }>({
  code: 'CS1905',
  title: 'A role with nobody in it',
  severity: 'warning',
  message: ({ role }) =>
    `Nobody is in the role \`${role}\`, so nobody could be asked. Add \`people\` or an \`entraGroup\`.`,
  explanation: 'An approval that asks a role without people would park at once.',
  wrong: 'roles:\n  it-managers: { people: [] }',
  right: 'roles:\n  it-managers: { people: [m.roth@example.com] }',
});

export const policyNotTrueOrFalse = define<{ key: string; is: string }>({
  code: 'CS1906',
  title: 'A policy that is neither kept nor broken',
  message: ({ key, is }) => `\`${key}\` of a policy must be true or false, and this is ${is}.`,
  explanation: '`for` says what a policy is about, and `rule` what must be true of it.',
  wrong: 'policies:\n  - rule: size(step.gates)',
  right: 'policies:\n  - { for: step.effect == "destructive", rule: size(step.gates) > 0 }',
});

export const badCalendar = define<{ name: string; what: string }>({
  code: 'CS1907',
  title: 'A calendar without any time in it',
  message: ({ name, what }) => `The calendar \`${name}\` has no times: ${what}`,
  explanation:
    'A calendar is a recurrence rule with its first start and how long each lasts, an .ics file, or single windows. All times are local to its time zone.',
  wrong: 'calendars:\n  night: { timezone: Europe/Berlin, rrule: FREQ=WEEKLY;BYDAY=SA }',
  right:
    'calendars:\n  night: { timezone: Europe/Berlin, rrule: FREQ=WEEKLY;BYDAY=SA, start: 2026-01-03T22:00, duration: 6h }',
});

export const unknownHolidays = define<{ name: string; known: string[] }>({
  code: 'CS1908',
  title: 'Holidays of an unknown calendar',
  message: ({ name, known }) =>
    known.length === 0
      ? `There is no calendar \`${name}\`: nothing stands under \`calendars\`.`
      : `There is no calendar \`${name}\`. There are ${listOf(known)}.`,
  explanation: '`holidays` names the calendar whose days are no business days.',
  wrong: 'holidays: germany',
  right:
    'holidays: germany\ncalendars:\n  germany: { timezone: Europe/Berlin, windows: [{ name: New Year, from: 2026-01-01, to: 2026-01-02 }] }',
});

export const badOutboundHost = define<{ value: string; problem: string }>({
  code: 'CS1909',
  title: 'A host that cannot be allowed',
  message: ({ value, problem }) => `"${value}" under \`outbound.allow\` is no host: ${problem}`,
  explanation:
    'Actions such as http.get reach only the hosts named here. `*.example.com` is everything below that domain, but not the domain itself. A host is reached at the usual port of its protocol, unless another stands behind it.',
  wrong: 'outbound:\n  allow: [https://api.example.com/v1]',
  right: 'outbound:\n  allow: [api.example.com, "*.example.com", api.example.com:8443]',
});

export const badPrivateNetwork = define<{ value: string; problem: string }>({
  code: 'CS1910',
  title: 'A private network that cannot be read',
  message: ({ value, problem }) =>
    `"${value}" under \`outbound.privateNetworks\` is no network and no host: ${problem}`,
  explanation:
    'Private addresses are refused, so that a runbook cannot look around in your network, unless their network, address or host is named here. Its host must be under `outbound.allow` too.',
  wrong: 'outbound:\n  privateNetworks: [10.20.1.0/16]',
  right:
    'outbound:\n  allow: [firewall.corp.example.com]\n  privateNetworks: [10.20.0.0/16, firewall.corp.example.com]',
});

export const badSignIn = define<{ what: string }>({
  code: 'CS1915',
  title: 'A sign-in that cannot work',
  message: ({ what }) => `Nobody could sign in: ${what}`,
  explanation:
    'People sign in with a provider (`oidc`), or on the gateway’s own machine with a code from their mail. Other machines reach it under `url`, over TLS.',
  wrong: 'signIn:\n  url: http://countersign.example.com',
  right: 'signIn:\n  url: https://countersign.example.com',
});

export const badTemporal = define<{ what: string }>({
  code: 'CS1935',
  title: 'A Temporal cluster that cannot be reached safely',
  message: ({ what }) => `Temporal would not be reached: ${what}`,
  explanation:
    'What runs do travels between the gateway, the workers and Temporal. On this machine it may do so as it is; to any other it goes over TLS, with a certificate (`tls.certificate`, `tls.privateKey`) or an `apiKey` by which the cluster knows this installation.',
  wrong: 'temporal:\n  address: temporal.example.com:7233',
  right: 'temporal:\n  address: temporal.example.com:7233\n  namespace: countersign\n  tls: true',
});

export const notInRole = define<{ person: string; role: string; what: string }>({
  code: 'CS1930',
  title: 'Somebody who is not in the role',
  message: ({ person, role, what }) =>
    `${person} cannot ${what} in the role \`${role}\`: it does not have this person. Write the address as under \`people\`, or add it there.`,
  explanation:
    'Absences and delegates count for one role, and for the people whom it has. What is said of anybody else does nothing.',
  wrong:
    'roles:\n  it-coordinators:\n    people: [c.kim@example.com]\n    absences: [{ person: k.kim@example.com, from: 2026-12-01, to: 2026-12-31 }]',
  right:
    'roles:\n  it-coordinators:\n    people: [c.kim@example.com]\n    absences: [{ person: c.kim@example.com, from: 2026-12-01, to: 2026-12-31 }]',
});

export const absenceEndsFirst = define<{ from: string; to: string }>({
  code: 'CS1931',
  title: 'An absence that ends before it begins',
  message: ({ from, to }) =>
    `This absence ends on ${to}, before it begins on ${from}, so that nobody is ever away. Swap the two.`,
  explanation: '`from` is the first day away, `to` the last.',
  wrong:
    'roles:\n  it-coordinators:\n    people: [c.kim@example.com]\n    absences: [{ person: c.kim@example.com, from: 2026-12-31, to: 2026-12-01 }]',
  right:
    'roles:\n  it-coordinators:\n    people: [c.kim@example.com]\n    absences: [{ person: c.kim@example.com, from: 2026-12-01, to: 2026-12-31 }]',
});

export const recordsForAll = define<{ role: string }>({
  code: 'CS1960',
  title: 'A role that may enter anybody’s votes',
  severity: 'warning',
  message: ({ role }) =>
    `\`records: true\` lets this role enter votes for everybody who is asked. Remove it, and write \`recordedBy: role:${role}\` on each role whose members’ votes it enters.`,
  explanation:
    'Votes given in a meeting are entered by somebody whom the role of those who gave them names, so that nobody enters votes for a board that did not ask for it.',
  wrong: 'roles:\n  clerks: { people: [a@example.com], records: true }\n  board: { people: [b@example.com] }',
  right:
    'roles:\n  clerks: { people: [a@example.com] }\n  board: { people: [b@example.com], recordedBy: role:clerks }',
});

export const badRecorder = define<{ role: string; value: string }>({
  code: 'CS1961',
  title: 'Nobody who could enter a role’s votes',
  message: ({ role, value }) =>
    value === `role:${role}`
      ? `\`${value}\` cannot enter its own members’ votes: whoever enters a vote is somebody else than whoever gave it. Name another role.`
      : `"${value}" is no role. Votes are entered by the people of a role: \`recordedBy: role:NAME\`.`,
  explanation:
    'Those who enter votes from the minutes of a meeting are a role of their own, such as the secretary of a board.',
  wrong: 'roles:\n  board: { people: [b@example.com], recordedBy: a@example.com }',
  right:
    'roles:\n  clerks: { people: [a@example.com] }\n  board: { people: [b@example.com], recordedBy: role:clerks }',
});

export const badGit = define<{ what: string }>({
  code: 'CS1962',
  title: 'A branch that cannot be followed safely',
  message: ({ what }) => `The runbooks could not be taken from there: ${what}`,
  explanation:
    'The server takes its runbooks from a branch of a repository that it reaches over HTTPS, over SSH with a host key that is known, or as a folder of this machine. Credentials are secrets and no part of the address.',
  wrong: 'git:\n  repository: http://git.example.com/it/runbooks.git\n  branch: main',
  right: 'git:\n  repository: https://git.example.com/it/runbooks.git\n  branch: main',
});

export const readOnlyAsked = define<{ role: string; person: string; where: string }>({
  code: 'CS1963',
  title: 'Somebody is to act who may only look',
  message: ({ role, person, where }) =>
    person === `role:${role}`
      ? `${where} names \`role:${role}\`, which is \`readOnly\`: its people look at everything and do nothing. Name another role.`
      : `${where} names ${person}, who is in the \`readOnly\` role \`${role}\`, and does nothing. Name somebody else, or take them out of that role.`,
  explanation:
    'The people of a role with `readOnly: true`, such as auditors, see every run and its evidence. The gateway refuses whatever they would do, so that a step that waits for them would wait for ever.',
  wrong:
    'roles:\n  auditors: { people: [a@example.com], readOnly: true }\n  board: { people: [b@example.com], recordedBy: role:auditors }',
  right:
    'roles:\n  clerks: { people: [a@example.com] }\n  board: { people: [b@example.com], recordedBy: role:clerks }',
});

export const badAuditStream = define<{ what: string }>({
  code: 'CS1964',
  title: 'Audit records that would go nowhere',
  message: ({ what }) => `Audit records cannot be sent there: ${what}`,
  explanation:
    'Audit records go, as they are written, either to a file of the gateway’s machine or to an address that takes them over https, signed with a secret.',
  wrong:
    'auditStream:\n  webhook: { url: http://siem.example.com/in, secret: "${{ secrets.SIEM }}" }\nsecrets:\n  SIEM: { env: SIEM }',
  right: 'auditStream:\n  file: /var/log/countersign/audit.jsonl',
});

export const badRetention = define<{ what: string }>({
  code: 'CS1965',
  title: 'A retention that removes too early or never',
  message: ({ what }) => `This retention cannot hold: ${what}`,
  explanation:
    '`retention` says how long finished runs, their journals, deliveries and messages are kept, for all runbooks and for the kinds that need something else. A journal never outlives its run, and nothing goes within a week.',
  wrong: 'retention:\n  runs: 1 year\n  journals: 2 years',
  right: 'retention:\n  runs: 7 years\n  journals: 2 years',
});
