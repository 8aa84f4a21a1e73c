/** For the tests of mends: an example for each code whose own example suggests nothing, or undefined where it does. */

const step = 'steps:\n  - id: find\n    uses: entra.getUser\n    with: { user: a@example.com }\n';
const own = [
  ...['CS1010', 'CS1011', 'CS1012', 'CS1019', 'CS1020', 'CS1101', 'CS1104', 'CS1106', 'CS1113'],
  ...['CS1009', 'CS1202', 'CS1204', 'CS1210', 'CS1211', 'CS1304', 'CS1305', 'CS1316', 'CS1320'],
  ...['CS1401', 'CS1402', 'CS1501', 'CS1503', 'CS1505', 'CS1507', 'CS1510', 'CS1601', 'CS1604'],
  ...['CS1729', 'CS1909', 'CS1930', 'CS2001', 'CS2014'],
];

export const examples: ReadonlyMap<string, string | undefined> = new Map<string, string | undefined>([
  ...own.map((code): [string, undefined] => [code, undefined]),
  ['CS1109', 'steps:\n  - id: find\n    usess: entra.getUser\n    with: { user: a@example.com }'],
  [
    'CS1313',
    `${step}  - if: steps.find.status == "suceeded"\n    uses: entra.getUser\n    with: { user: a@example.com }`,
  ],
  [
    'CS1403',
    'steps:\n  - window:\n      calendar: prod-maintenence\n      steps: [{ uses: entra.getUser, with: { user: a@example.com } }]',
  ],
  ['CS1404', 'steps:\n  - runbook: send-welcom'],
  ['CS1607', 'on:\n  - manuel: { by: [role:it-coordinators] }'],
  [
    'CS1608',
    'inputs: { name: { type: string } }\nunique: ${{ inputs.name }}\non:\n  - ticket: { system: jira, to: Approved }\n    inputs: { nmae: "${{ ticket.fields.summary }}" }',
  ],
  [
    'CS2010',
    'action: things.get\ntitle: Read a thing\neffect: read\ninput: { thing: { type: integer, description: Its number. } }\nlook:\n  get: /thing/${{ input.thing }}\n  take: answer.body\n  type: thing\ngive:\n  name: { value: found.name, description: Its name. }\n',
  ],
  [
    'CS1902',
    'secrets:\n  jira: { env: JIRA }\nconnectors:\n  jira: { baseUrl: https://example.atlassian.net, apiToken: "${{ secrets.jirra }}" }\n',
  ],
  [
    'CS1908',
    'calendars:\n  germany: { timezone: Europe/Berlin, windows: [{ from: "2026-12-20", to: "2027-01-03" }] }\nholidays: germny\n',
  ],
  ['CS1965', 'retention: { kinds: { onbording: { runs: 1000d } } }\n'],
]);

/** What they suggest stands in a file that is not YAML, or in one that the language server only renames in. */
export const unshown: ReadonlySet<string> = new Set([
  ...['CS1801', 'CS1802', 'CS1803', 'CS1804', 'CS1805', 'CS1806', 'CS1807', 'CS1808', 'CS1809'],
  ...['CS2012', 'CS2016', 'CS2042', 'CS2104', 'CS2107'],
]);
