/** CS22xx: rules of good habit, which `rules` in countersign.yaml turns on, off, or into errors. */
import { define } from '../diagnostic.ts';

export const destructiveWithoutGate = define<{ step: string; action: string }>({
  code: 'CS2201',
  title: 'Something is taken away, and nobody signs',
  severity: 'warning',
  message: ({ step, action }) =>
    `The step \`${step}\` takes something away (${action}), and no approval comes before it.`,
  explanation:
    'What is taken away may not come back. Let somebody sign before it, or afterwards where it must go at once. `policies` can say who.',
  wrong: 'steps:\n  - { uses: entra.deleteUser, with: { user: a@example.com } }',
  right:
    'steps:\n  - approve: { from: [role:it-managers] }\n  - { uses: entra.deleteUser, with: { user: a@example.com } }',
});

export const waitWithoutEnd = define<{ step: string }>({
  code: 'CS2202',
  title: 'It may wait for ever',
  severity: 'warning',
  message: ({ step }) => `\`${step}\` says no time after which it is too late. Say \`within\`.`,
  explanation:
    'A run that waits for somebody who never answers is found by nobody. `within` says when it is too late, `remind` and `escalate` who hears of it.',
  wrong: 'steps:\n  - task: { to: role:it-coordinators, instructions: Place the laptop. }',
  right:
    'steps:\n  - task: { to: role:it-coordinators, instructions: Place the laptop., within: 1 business day }',
});

export const ownerIsAPerson = define<{ owner: string }>({
  code: 'CS2203',
  title: 'One person owns it',
  severity: 'warning',
  message: ({ owner }) =>
    `Only ${owner} may operate its runs. Name a role, so that somebody is there when they are away.`,
  explanation:
    'The owner is told when a step parks, and may retry it. A role has more than one, and stand-ins.',
  wrong: 'owner: a.lee@example.com\nsteps:\n  - end: { status: succeeded }',
  right: 'owner: role:it-coordinators\nsteps:\n  - end: { status: succeeded }',
});

export const noSubject = define({
  code: 'CS2204',
  title: 'Runs that look alike',
  severity: 'warning',
  message: () => 'Its runs have no subject, and look alike in every list and mail. Say `subject`.',
  explanation:
    '`subject` names what a run is about, such as the person or the device: in lists, mails and pages.',
  wrong: 'on: [{ manual: { by: [role:it-coordinators] } }]\nsteps:\n  - end: { status: succeeded }',
  right:
    'on: [{ manual: { by: [role:it-coordinators] } }]\ninputs: { who: { type: string } }\nsubject: ${{ inputs.who }}\nsteps:\n  - end: { status: succeeded }',
});

export const secretInText = define<{ what: string }>({
  code: 'CS2205',
  title: 'A secret in plain text',
  severity: 'warning',
  message: ({ what }) =>
    `Behind "${what}" stands what looks like a secret. Everybody who reads the repository has it: keep it under \`secrets\` and write an expression.`,
  explanation:
    'Secrets are found by name when an action needs them: `${{ secrets.NAME }}`. Change one that stood in git.',
  wrong:
    'steps:\n  - task: { to: role:it-managers, instructions: "Sign in with password: hunter2!x", within: 1d }',
  right:
    'steps:\n  - task: { to: role:it-managers, instructions: "Sign in with your own account.", within: 1d }',
});

export const gateWithoutShow = define<{ step: string }>({
  code: 'CS2206',
  title: 'An approval that shows nothing',
  severity: 'warning',
  message: ({ step }) =>
    `Those who sign \`${step}\` are shown nothing in the runbook's own words. Say \`show\`.`,
  explanation:
    '`show` names what they should know, in the order in which they should read it. What the signature stands for is listed in any case.',
  wrong: 'steps:\n  - approve: { from: [role:it-managers], within: 1d }',
  right:
    'inputs: { who: { type: string } }\nsteps:\n  - approve: { from: [role:it-managers], within: 1d, show: { who: "${{ inputs.who }}" } }',
});

export const listWithoutTolerate = define<{ step: string }>({
  code: 'CS2207',
  title: 'A list that one failure stops',
  severity: 'warning',
  message: ({ step }) =>
    `The first item of \`${step}\` that fails stops the others. Say \`tolerate\`: how many may fail.`,
  explanation:
    'Of a long list some item always fails. `tolerate: 5%` goes on, and names those that failed; `tolerate: 0` says that none may.',
  wrong:
    'inputs: { names: { type: array, items: { type: string } } }\nsteps:\n  - forEach: inputs.names\n    as: name\n    steps: [{ uses: entra.getUser, with: { user: "${{ name }}" } }]',
  right:
    'inputs: { names: { type: array, items: { type: string } } }\nsteps:\n  - forEach: inputs.names\n    as: name\n    tolerate: 5%\n    steps: [{ uses: entra.getUser, with: { user: "${{ name }}" } }]',
});

export const untested = define<{ runbook: string }>({
  code: 'CS2208',
  title: 'A runbook without tests',
  severity: 'warning',
  message: ({ runbook }) =>
    `No tests stand beside \`${runbook}\`. Write ${runbook}.test.yaml; \`countersign test --all\` then says what they leave out.`,
  explanation:
    'A test plays a run of weeks in milliseconds, and says what the outside answers and who signs. It is found beside the runbook, as NAME.test.yaml.',
  wrong: 'steps:\n  - end: { status: succeeded }',
  right: 'steps:\n  - end: { status: succeeded }',
});

export const htmlNotEscaped = define<{ expression: string }>({
  code: 'CS2209',
  title: 'A value that may be mark-up',
  severity: 'warning',
  message: ({ expression }) =>
    `What \`${expression}\` gives is mark-up here. Write \`htmlEscape(…)\` around it, or \`htmlTable\` for a list.`,
  explanation:
    'A name such as `R&D <it>` breaks a page, and what a stranger wrote into a ticket could put a link or a picture into a mail.',
  wrong:
    'inputs: { who: { type: string } }\nsteps:\n  - end: { status: succeeded }\noutputs: { html: "<p>${{ inputs.who }}</p>" }',
  right:
    'inputs: { who: { type: string } }\nsteps:\n  - end: { status: succeeded }\noutputs: { html: "<p>${{ htmlEscape(inputs.who) }}</p>" }',
});

export const writeWithoutUndo = define<{ step: string; undo: string }>({
  code: 'CS2210',
  title: 'Nothing takes it back',
  severity: 'warning',
  message: ({ step, undo }) =>
    `\`${step}\` stays done when the run is called off. \`undo: { uses: ${undo}, … }\` would take it back.`,
  explanation:
    'When a run is aborted, the undos of its completed steps run in reverse order. Where it should stay, turn this rule off.',
  wrong: 'steps:\n  - { uses: entra.addGroupMember, with: { group: VPN, user: a@example.com } }',
  right:
    'steps:\n  - uses: entra.addGroupMember\n    with: { group: VPN, user: a@example.com }\n    undo: { uses: entra.removeGroupMember, with: { group: VPN, user: a@example.com } }',
});

export const notConfigured = define<{ uses: string; connector: string; settings: string[] }>({
  code: 'CS2211',
  title: 'A system that is not configured',
  severity: 'warning',
  message: ({ uses, connector, settings }) =>
    `${uses} cannot run yet: the configuration has no settings of \`${connector}\`. Add \`connectors: { ${connector}: … }\` with ${settings.map((name) => `\`${name}\``).join(', ')}.`,
  explanation:
    'A step of a system without settings parks. It is told once for each system, at the first step that uses it. `countersign dev` needs none: there a stand-in takes its place.',
  wrong: 'steps:\n  - { uses: entra.getUser, with: { user: a@example.com } }',
  right: 'steps:\n  - { uses: entra.getUser, with: { user: a@example.com } }',
});

export const branchWithoutTest = define<{ step: string; what: string; runbook: string }>({
  code: 'CS2212',
  title: 'No test for this branch',
  severity: 'warning',
  message: ({ step, what, runbook }) =>
    `In the tests of \`${runbook}\`, \`${step}\` ${what}. Write one in which that happens; \`countersign test --show\` prints which way each of them takes.`,
  explanation:
    'A branch that no test takes is first taken in earnest: the refusal that nobody thought of, the wait that runs out. `countersign validate` goes through the tests beside the runbooks for this rule, each in milliseconds.',
  wrong: 'steps:\n  - end: { status: succeeded }',
  right: 'steps:\n  - end: { status: succeeded }',
});
