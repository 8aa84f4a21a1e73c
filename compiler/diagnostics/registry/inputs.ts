/** CS16xx: inputs and triggers. */
import { define, listOf } from '../diagnostic.ts';

export const unknownKeyword = define<{ key: string; where: string; known: string[] }>({
  code: 'CS1601',
  title: 'Unknown keyword of a schema',
  message: ({ key, where, known }) => `\`${key}\` says nothing about ${where}. Known are ${listOf(known)}.`,
  explanation:
    'Inputs and form fields are described by JSON Schema. Keywords that would not be checked are refused.',
  wrong: 'inputs:\n  name: { type: string, minlength: 1 }',
  right: 'inputs:\n  name: { type: string, minLength: 1 }',
});

export const badPattern = define<{ pattern: string }>({
  code: 'CS1602',
  title: 'Not a regular expression',
  message: ({ pattern }) => `"${pattern}" is no regular expression. Check its brackets and backslashes.`,
  explanation: 'A pattern is a regular expression that the text must match.',
  wrong: 'inputs:\n  code: { type: string, pattern: "[A-Z" }',
  right: 'inputs:\n  code: { type: string, pattern: "^[A-Z]{2}$" }',
});

export const expressionInSchema = define<{ where: string }>({
  code: 'CS1603',
  title: 'An expression in the description of an input',
  message: ({ where }) =>
    `${where} must be a plain value, or one that the organisation gives (\`\${{ organisation.… }}\`): inputs are known before anything is computed. Use the expression where the input is used, for example with \`default(…)\`.`,
  explanation:
    'Inputs are checked before the run starts, so that their defaults and limits are fixed values: written here, or in organisation.yaml.',
  wrong: 'inputs:\n  site: { type: string, default: "${{ ticket.key }}" }\nunique: ${{ inputs.site }}',
  right: 'inputs:\n  site: { type: string, default: Berlin }\nunique: ${{ inputs.site }}',
});

export const notGiven = define<{ expression: string }>({
  code: 'CS1618',
  title: 'A value that the organisation does not give',
  message: ({ expression }) =>
    `The organisation does not say \`${expression}\`, which must be known here. Write it in organisation.yaml, or ask for it with \`default(…)\`.`,
  explanation:
    'The default, choices and limits of an input, what a ticket trigger waits for and the time zone of a schedule are known when the runbook is read. They may come from organisation.yaml, which must have them then.',
  wrong:
    'inputs: { site: { type: string, default: "${{ organisation.sites.Graz.country }}" } }\nunique: ${{ inputs.site }}',
  right:
    'inputs: { site: { type: string, default: "${{ organisation.domain }}" } }\nunique: ${{ inputs.site }}',
});

export const requiredUnknown = define<{ key: string }>({
  code: 'CS1604',
  title: 'A required property that is not described',
  message: ({ key }) => `\`required\` names \`${key}\`, which is not among the \`properties\`.`,
  explanation: 'Every required property needs a description of its own.',
  wrong: 'inputs:\n  person: { type: object, properties: { name: { type: string } }, required: [nmae] }',
  right: 'inputs:\n  person: { type: object, properties: { name: { type: string } }, required: [name] }',
});

export const unusedInput = define<{ name: string }>({
  code: 'CS1605',
  title: 'An input that is never used',
  severity: 'warning',
  message: ({ name }) => `The input \`${name}\` is never used. Remove it, or use \`inputs.${name}\`.`,
  explanation: 'People would be asked for something that changes nothing.',
  wrong: 'inputs:\n  name: { type: string }',
  right: 'inputs:\n  name: { type: string }\nunique: ${{ inputs.name }}',
});

export const sameSubject = define<{ value: string }>({
  code: 'CS1617',
  title: 'A subject that is the same for every run',
  message: ({ value }) =>
    `\`subject\` tells one run from another, and "${value}" is the same for all. Name what differs, such as \`\${{ inputs.name }}\`; what is the same belongs in \`title\`.`,
  explanation:
    'The subject stands behind the title wherever runs are listed, so that they do not look alike.',
  wrong: 'subject: A new colleague',
  right: 'inputs:\n  name: { type: string }\nsubject: ${{ inputs.name }}',
});

export const visibleWithoutSensitive = define({
  code: 'CS1606',
  title: '`visibleTo` without `sensitive`',
  message: () =>
    '`visibleTo` says who may see a sealed input, and this one is not sealed. Add `sensitive: true`, or remove it.',
  explanation: 'An input that is not sensitive is shown to everybody who may see the run.',
  wrong: 'inputs:\n  reason: { type: string, visibleTo: [role:it-managers] }\nunique: ${{ inputs.reason }}',
  right:
    'inputs:\n  reason: { type: string, sensitive: true, visibleTo: [role:it-managers] }\nsteps:\n  - uses: mail.send\n    with: { to: a@example.com, subject: Reason, text: "${{ inputs.reason }}" }',
});

export const noTriggerKind = define<{ has: string[] }>({
  code: 'CS1607',
  title: 'A trigger of no kind, or of two',
  message: ({ has }) =>
    has.length === 0
      ? 'This does not say what starts a run. It needs `ticket`, `manual` or `schedule`.'
      : `One trigger is one of ${listOf(has)}. Begin the second with \`- \`.`,
  explanation: 'A run is started by a ticket, by a person, or by a schedule.',
  wrong: 'on:\n  - {}',
  right: 'on:\n  - manual: { by: [role:it-coordinators] }',
});

export const unknownInput = define<{ name: string; known: string[] }>({
  code: 'CS1608',
  title: 'A trigger gives an input that is not there',
  message: ({ name, known }) =>
    known.length === 0
      ? `The runbook has no input \`${name}\`; it has no inputs.`
      : `The runbook has no input \`${name}\`. It has ${listOf(known)}.`,
  explanation: 'What a trigger gives must be declared under `inputs`.',
  wrong:
    'inputs: { name: { type: string } }\nunique: ${{ inputs.name }}\non:\n  - ticket: { system: jira, to: Approved }\n    inputs: { nmae: "${{ ticket.fields.summary }}", name: x }',
  right:
    'inputs: { name: { type: string } }\nunique: ${{ inputs.name }}\non:\n  - ticket: { system: jira, to: Approved }\n    inputs: { name: "${{ ticket.fields.summary }}" }',
});

export const inputNotGiven = define<{ names: string[]; by: string }>({
  code: 'CS1609',
  title: 'A trigger leaves a required input out',
  message: ({ names, by }) =>
    `This ${by} does not give ${listOf(names)}, which every run needs. Add it under \`inputs\` of the trigger, or give the input a \`default\`.`,
  explanation: 'A ticket or schedule starts a run by itself, so it must give all inputs that are required.',
  wrong:
    'inputs: { name: { type: string } }\nunique: ${{ inputs.name }}\non:\n  - ticket: { system: jira, to: Approved }',
  right:
    'inputs: { name: { type: string } }\nunique: ${{ inputs.name }}\non:\n  - ticket: { system: jira, to: Approved }\n    inputs: { name: "${{ ticket.fields.summary }}" }',
});

export const shadowedTrigger = define<{ line: number }>({
  code: 'CS1610',
  title: 'A trigger that never starts anything',
  message: ({ line }) =>
    `Every ticket that this matches is already matched by the trigger in line ${line}. Remove one, or tell them apart by \`project\`, \`type\`, \`from\` or \`if\`.`,
  explanation: 'One ticket starts one run of a runbook, by the first trigger that matches.',
  wrong:
    'on:\n  - ticket: { system: jira, to: Approved }\n  - ticket: { system: jira, project: HR, to: Approved }',
  right:
    'on:\n  - ticket: { system: jira, project: HR, to: Approved }\n  - ticket: { system: jira, project: IT, to: Approved }',
});

export const sameTrigger = define<{ runbook: string }>({
  code: 'CS1611',
  title: 'Two runbooks start for the same tickets',
  severity: 'warning',
  message: ({ runbook }) =>
    `The same tickets also start the runbook \`${runbook}\`. Tell the triggers apart by \`project\`, \`type\`, \`from\` or \`if\`, unless both are meant to run.`,
  explanation: 'Two runbooks with the same trigger both start for one ticket.',
  wrong: '# two runbooks with the same ticket trigger',
  right: 'on:\n  - ticket: { system: jira, project: HR, to: Approved }',
});

export const scheduleWithoutTicket = define({
  code: 'CS1612',
  title: 'A schedule gives no ticket',
  message: () =>
    'The steps read `ticket`, and a run that a schedule starts has none. Remove the schedule, or what reads the ticket.',
  explanation: 'Only a run that a ticket started, or that a person started with a ticket, has one.',
  wrong: 'on:\n  - schedule: { cron: 0 8 * * MON, timezone: UTC }\nunique: ${{ ticket.key }}',
  right: 'on:\n  - manual: { by: [role:it-coordinators] }\nunique: ${{ ticket.key }}',
});

export const letCircle = define<{ circle: string[] }>({
  code: 'CS1613',
  title: 'Names that need each other',
  message: ({ circle }) =>
    `This goes in a circle: ${circle.join(' → ')}. A name under \`let\` cannot use itself, directly or through others.`,
  explanation: 'Names under `let` are written out where they are used, which would never end.',
  wrong: 'let:\n  a: b + "x"\n  b: a + "y"\nunique: ${{ a }}',
  right: 'let:\n  a: \'"x"\'\n  b: a + "y"\nunique: ${{ b }}',
});

export const optionalWithDefault = define<{ name: string }>({
  code: 'CS1614',
  title: 'Optional, and yet with a default',
  severity: 'warning',
  message: ({ name }) =>
    `\`${name}\` has a default, so it is never absent and \`optional: true\` says nothing. Remove one of the two.`,
  explanation: 'An input with a default may be left out too, and then has that value.',
  wrong: 'inputs: { site: { type: string, default: Berlin, optional: true } }\nunique: ${{ inputs.site }}',
  right: 'inputs: { site: { type: string, default: Berlin } }\nunique: ${{ inputs.site }}',
});

export const slowPattern = define<{ pattern: string; why: string }>({
  code: 'CS1616',
  title: 'A pattern that can take for ever',
  message: ({ pattern, why }) =>
    `The pattern ${pattern} cannot be used: ${why}. Let no loop contain another one that could take the same characters, and use no \`(?=…)\` or \`\\1\`.`,
  explanation:
    'What is matched comes from outside, and one text would hold up everybody. In `(a+)+` each further letter doubles the ways to try.',
  wrong: 'inputs: { name: { type: string, pattern: "^([a-z]+ ?)*$" } }\nunique: ${{ inputs.name }}',
  right: 'inputs: { name: { type: string, pattern: "^[a-z]+( [a-z]+)*$" } }\nunique: ${{ inputs.name }}',
});
