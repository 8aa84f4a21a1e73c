/** CS12xx: ids, and references to steps. */
import { define, listOf } from '../diagnostic.ts';

const twoSteps = `steps:
  - id: manager
    uses: entra.getUser
    with: { user: a@example.com }
  - id: boss
    uses: entra.getUser
    with:
      user: `;

export const duplicateId = define<{ id: string; line: number }>({
  code: 'CS1201',
  title: 'The same id twice',
  message: ({ id, line }) =>
    `The id \`${id}\` is already that of the step in line ${line}. Give this step another.`,
  explanation:
    'Expressions, people and the record of a run name a step by its id, so it stands once in a runbook.',
  wrong:
    'steps:\n  - id: manager\n    uses: entra.getUser\n    with: { user: a@example.com }\n  - id: manager\n    uses: entra.getUser\n    with: { user: b@example.com }',
  right:
    'steps:\n  - id: manager\n    uses: entra.getUser\n    with: { user: a@example.com }\n  - id: boss\n    uses: entra.getUser\n    with: { user: b@example.com }',
});

export const badId = define<{ id: string; what: string }>({
  code: 'CS1202',
  title: 'Not a valid id',
  message: ({ id, what }) =>
    `\`${id}\` cannot be ${what}: it begins with a small letter and goes on with letters, digits and underscores.`,
  explanation:
    'Ids stand in expressions, where a hyphen would be a minus and a space would end the name. `newHire` or `new_hire` are fine.',
  wrong: 'steps:\n  - id: find-manager\n    uses: entra.getUser\n    with: { user: a@example.com }',
  right: 'steps:\n  - id: findManager\n    uses: entra.getUser\n    with: { user: a@example.com }',
});

export const reservedId = define<{ id: string; what: string }>({
  code: 'CS1203',
  title: 'A reserved word as a name',
  message: ({ id, what }) =>
    `\`${id}\` cannot be ${what}, since it has a meaning of its own in expressions. Choose another name.`,
  explanation:
    'Words such as `in`, `true`, `for`, `inputs`, `steps` and `run` mean something in every expression.',
  wrong: 'steps:\n  - id: for\n    uses: entra.getUser\n    with: { user: a@example.com }',
  right: 'steps:\n  - id: forWhom\n    uses: entra.getUser\n    with: { user: a@example.com }',
});

export const unknownStep = define<{ id: string; known: string[] }>({
  code: 'CS1204',
  title: 'There is no such step',
  message: ({ id, known }) =>
    known.length === 0
      ? `There is no step \`${id}\`, and no step before this one has an id.`
      : `There is no step \`${id}\`. Steps before this one are ${listOf(known)}.`,
  explanation: 'A step is named by its `id`. A step without one cannot be referred to.',
  wrong: `${twoSteps}\${{ steps.manger.output.userPrincipalName }}`,
  right: `${twoSteps}\${{ steps.manager.output.userPrincipalName }}`,
});

export const laterStep = define<{ id: string; line: number }>({
  code: 'CS1205',
  title: 'The step comes later',
  message: ({ id, line }) =>
    `The step \`${id}\` comes later, in line ${line}: it has not run when this is needed. Move it before this step.`,
  explanation: 'Steps run from top to bottom, so only what stands before a step can be used in it.',
  wrong:
    'steps:\n  - id: boss\n    uses: entra.getUser\n    with:\n      user: ${{ steps.manager.output.userPrincipalName }}\n  - id: manager\n    uses: entra.getUser\n    with: { user: a@example.com }',
  right: `${twoSteps}\${{ steps.manager.output.userPrincipalName }}`,
});

export const ownStep = define<{ id: string }>({
  code: 'CS1206',
  title: 'A step uses its own result',
  message: ({ id }) =>
    `This is the step \`${id}\` itself: its result is not there before it has run. Only its \`undo\` can use it.`,
  explanation: 'A step can use the results of steps before it. Its undo runs after it, and can use its own.',
  wrong:
    'steps:\n  - id: manager\n    uses: entra.getUser\n    with:\n      user: ${{ steps.manager.output.id }}',
  right: `${twoSteps}\${{ steps.manager.output.userPrincipalName }}`,
});

export const otherBranch = define<{ id: string; line: number }>({
  code: 'CS1207',
  title: 'The step is in another branch',
  message: ({ id, line }) =>
    `The step \`${id}\` (line ${line}) is in another branch of the same \`parallel\`: nobody knows whether it has run yet. Put both in one branch, or use it after the \`parallel\`.`,
  explanation: 'Branches run at the same time. What one gives can be used when all are done.',
  wrong:
    'steps:\n  - parallel:\n      one:\n        - id: manager\n          uses: entra.getUser\n          with: { user: a@example.com }\n      two:\n        - uses: entra.getUser\n          with: { user: "${{ steps.manager.output.id }}" }',
  right:
    'steps:\n  - parallel:\n      one:\n        - id: manager\n          uses: entra.getUser\n          with: { user: a@example.com }\n        - uses: entra.getUser\n          with: { user: "${{ steps.manager.output.id }}" }\n      two:\n        - uses: entra.getUser\n          with: { user: b@example.com }',
});

export const innerStep = define<{ id: string; line: number; container: string }>({
  code: 'CS1208',
  title: 'The step is inside a forEach',
  message: ({ id, line, container }) =>
    `The step \`${id}\` (line ${line}) runs once for each item of ${container}, so there is no one result of it here. Use it inside, or set \`collect\` on the forEach and read \`collected\` from its output.`,
  explanation: 'What the steps of a forEach give can be used by later steps of the same item.',
  wrong:
    'inputs: { people: { type: array, items: { type: string } } }\nsteps:\n  - id: each\n    forEach: inputs.people\n    as: person\n    steps:\n      - id: found\n        uses: entra.getUser\n        with: { user: "${{ person }}" }\n  - uses: entra.getUser\n    with: { user: "${{ steps.found.output.id }}" }',
  right:
    'inputs: { people: { type: array, items: { type: string } } }\nsteps:\n  - id: each\n    forEach: inputs.people\n    as: person\n    steps:\n      - id: found\n        uses: entra.getUser\n        with: { user: "${{ person }}" }\n      - uses: entra.getUser\n        with: { user: "${{ steps.found.output.id }}" }',
});

export const noOutput = define<{ id: string; kind: string; has: string[] }>({
  code: 'CS1209',
  title: 'A step without this result',
  message: ({ id, kind, has }) => `\`${id}\` is ${kind} and has no \`output\`. It has ${listOf(has)}.`,
  explanation:
    'Actions, tasks, waits for an event, forEach, repeat and called runbooks have an output; approvals have `approvers`.',
  wrong:
    'steps:\n  - id: signoff\n    approve: { from: [a@example.com] }\n  - uses: entra.getUser\n    with: { user: "${{ steps.signoff.output.by }}" }',
  right:
    'steps:\n  - id: signoff\n    approve: { from: [a@example.com] }\n  - uses: entra.getUser\n    with: { user: "${{ steps.signoff.approvers[0] }}" }',
});

export const outputsForOutput = define<{ id: string }>({
  code: 'CS1210',
  title: '`outputs` for `output`',
  message: ({ id }) => `What a step gives is its \`output\`, without an s: \`steps.${id}.output\`.`,
  explanation: 'A step has one `output` with fields; a runbook has `outputs`.',
  wrong: `${twoSteps}\${{ steps.manager.outputs.userPrincipalName }}`,
  right: `${twoSteps}\${{ steps.manager.output.userPrincipalName }}`,
});

export const unknownStepField = define<{ id: string; field: string; known: string[]; inOutput: boolean }>({
  code: 'CS1211',
  title: 'A step has no such field',
  message: ({ id, field, known, inOutput }) =>
    inOutput
      ? `\`${field}\` is part of the step's output: \`steps.${id}.output.${field}\`.`
      : `A step has ${listOf(known)}, and no \`${field}\`.`,
  explanation: 'What an action gives stands under `output`: `steps.account.output.id`.',
  wrong: `${twoSteps}\${{ steps.manager.userPrincipalName }}`,
  right: `${twoSteps}\${{ steps.manager.output.userPrincipalName }}`,
});

export const stepsAlone = define({
  code: 'CS1212',
  title: '`steps` without a step',
  message: () => 'Name the step and what of it: `steps.account.output.id`.',
  explanation: 'The steps as a whole are no value.',
  wrong: 'unique: ${{ size(steps) }}',
  right: 'inputs: { name: { type: string } }\nunique: ${{ inputs.name }}',
});

export const elseStep = define<{ id: string; line: number }>({
  code: 'CS1213',
  title: 'The step runs only otherwise',
  message: ({ id, line }) =>
    `The step \`${id}\` (line ${line}) is in the other half of this group: when this runs, that did not.`,
  explanation: 'Of a group and its `else` only one runs.',
  wrong:
    'inputs: { big: { type: boolean } }\nsteps:\n  - if: inputs.big\n    steps:\n      - id: manager\n        uses: entra.getUser\n        with: { user: a@example.com }\n    else:\n      - uses: entra.getUser\n        with: { user: "${{ steps.manager.output.id }}" }',
  right:
    'inputs: { big: { type: boolean } }\nsteps:\n  - if: inputs.big\n    steps:\n      - id: manager\n        uses: entra.getUser\n        with: { user: a@example.com }\n    else:\n      - uses: entra.getUser\n        with: { user: b@example.com }',
});
