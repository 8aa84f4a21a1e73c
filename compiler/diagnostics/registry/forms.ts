/** CS15xx: lengths of time, people, cron lines, time zones. */
import { define } from '../diagnostic.ts';

export const badDuration = define<{ where: string; value: string; exact?: boolean }>({
  code: 'CS1501',
  title: 'Not a length of time',
  message: ({ where, value, exact }) =>
    `${where} takes a length of time, and "${value}" is none. Write for example ${exact ? '`30s`, `90m` or `1h30m`' : '`90m`, `1h30m`, `10d` or `2 business days`'}.`,
  explanation:
    'Units are ms, s, m (minutes), h, d (24 hours), w, and business days by the calendar of the organisation.',
  wrong: 'defaults:\n  timeout: 2 minutes',
  right: 'defaults:\n  timeout: 2m',
});

export const businessDaysHere = define<{ where: string }>({
  code: 'CS1502',
  title: 'Business days where exact time is needed',
  message: ({ where }) => `${where} takes an exact length of time such as \`2m\`, not business days.`,
  explanation: 'Timeouts and retries are counted in seconds. Business days are for people.',
  wrong: 'defaults:\n  timeout: 1 business day',
  right: 'defaults:\n  timeout: 1h',
});

export const badPerson = define<{ where: string; value: string }>({
  code: 'CS1503',
  title: 'Not a person or role',
  message: ({ where, value }) =>
    `${where} takes an e-mail address or \`role:NAME\`, and "${value}" is neither.`,
  explanation:
    'People are named by their e-mail address, groups of people by a role from `countersign.yaml`.',
  wrong: 'owner: it-coordinators',
  right: 'owner: role:it-coordinators',
});

export const badCron = define<{ value: string; what: string }>({
  code: 'CS1504',
  title: 'Not a cron line',
  message: ({ value, what }) => `"${value}" is no cron line: ${what}`,
  explanation:
    'Five fields say when: minute, hour, day of the month, month, day of the week. `0 8 * * MON` is Mondays at 8. A step begins anew in each hour, day, month or year, so that `*/90` minutes would be every hour. `countersign plan` prints the next times.',
  wrong: 'on:\n  - schedule: { cron: 0 25 * * *, timezone: Europe/Berlin }',
  right: 'on:\n  - schedule: { cron: 0 8 * * MON, timezone: Europe/Berlin }',
});

export const badTimezone = define<{ value: string }>({
  code: 'CS1505',
  title: 'Unknown time zone',
  message: ({ value }) =>
    `"${value}" is no time zone. Write one by its region and city, such as \`Europe/Berlin\`, or \`UTC\`.`,
  explanation:
    'Time zones are named as in the IANA database. Short names such as CET do not say when the clocks change.',
  wrong: 'on:\n  - schedule: { cron: 0 8 * * MON, timezone: Europe/Belin }',
  right: 'on:\n  - schedule: { cron: 0 8 * * MON, timezone: Europe/Berlin }',
});

export const badTolerance = define<{ value: string }>({
  code: 'CS1506',
  title: 'Not a share or a number',
  message: ({ value }) =>
    `\`tolerate\` takes a whole number such as 3, or a share such as 5%, and "${value}" is neither.`,
  explanation: 'It says how many items may fail before the rest is stopped.',
  wrong:
    'inputs: { people: { type: array, items: { type: string } } }\nsteps:\n  - forEach: inputs.people\n    as: person\n    tolerate: few\n    steps:\n      - uses: entra.getUser\n        with: { user: "${{ person }}" }',
  right:
    'inputs: { people: { type: array, items: { type: string } } }\nsteps:\n  - forEach: inputs.people\n    as: person\n    tolerate: 5%\n    steps:\n      - uses: entra.getUser\n        with: { user: "${{ person }}" }',
});

export const badName = define<{ value: string; what: string }>({
  code: 'CS1507',
  title: 'Not a valid name',
  message: ({ value, what }) =>
    `"${value}" cannot be ${what}: small letters, digits and single hyphens, beginning with a letter.`,
  explanation: 'The name stands in commands, addresses and files: `new-hire`.',
  wrong: 'runbook: New Hire',
  right: 'runbook: new-hire',
});

export const expressionHere = define<{ where: string }>({
  code: 'CS1508',
  title: 'An expression where none is computed',
  message: ({ where }) =>
    `${where.charAt(0).toUpperCase()}${where.slice(1)} is plain text: an expression in it would be shown as it stands. Write the text itself.`,
  explanation: 'Titles, names and times are read before any run, so that they are the same for every run.',
  wrong: 'inputs: { name: { type: string } }\ntitle: New hire ${{ inputs.name }}',
  right: 'inputs: { name: { type: string } }\ntitle: New hire\nunique: ${{ inputs.name }}',
});

export const fixedLength = define<{ where: string }>({
  code: 'CS1509',
  title: 'An expression where only a fixed length may stand',
  message: ({ where }) =>
    `${where} takes a fixed length of time such as \`2h\`: no expression is computed there. To wait for as long as an input says, use \`wait: { until: … }\` with a moment.`,
  explanation:
    'How long an attempt may take, and how much of a window it needs, are the same for every run. `within`, `for`, `every` and `remind` may be computed.',
  wrong:
    'inputs: { length: { type: string } }\nsteps:\n  - uses: entra.getUser\n    with: { user: a@example.com }\n    timeout: ${{ inputs.length }}',
  right: 'steps:\n  - uses: entra.getUser\n    with: { user: a@example.com }\n    timeout: 2m',
});

export const noLength = define<{ where: string; value: string }>({
  code: 'CS1511',
  title: 'Expressions that give no length of time',
  message: ({ where, value }) =>
    `${where} is "${value}", which is no length of time whatever its expressions give. A number needs its unit behind it, such as \`\${{ inputs.days }} business days\` or \`\${{ inputs.hours }}h\`.`,
  explanation:
    'A computed length of time becomes text such as `90m`, `10d` or `2 business days`, when its step begins.',
  wrong:
    'inputs: { days: { type: integer } }\nsteps:\n  - approve: { from: [role:it-managers], within: "${{ inputs.days }} working days" }',
  right:
    'inputs: { days: { type: integer } }\nsteps:\n  - approve: { from: [role:it-managers], within: "${{ inputs.days }} business days" }',
});

export const badMoment = define<{ value: string }>({
  code: 'CS1510',
  title: 'Not a date or time',
  message: ({ value }) =>
    `"${value}" is neither a date (2026-01-31) nor a time (2026-01-31T09:00, with another time zone 2026-01-31T09:00[Europe/Lisbon]), so nothing can wait for it.`,
  explanation: 'A time without a zone is local to the time zone of the organisation.',
  wrong: 'steps:\n  - wait: { until: "31.12.2026" }',
  right: 'steps:\n  - wait: { until: "2026-12-31" }',
});
