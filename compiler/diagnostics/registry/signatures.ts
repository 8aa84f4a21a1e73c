/** CS175x: what signatures stand for. */
import { define } from '../diagnostic.ts';

export const amendNothing = define<{ what: string; on?: string }>({
  code: 'CS1750',
  title: 'Leave to change what nobody changes',
  message: ({ what, on }) =>
    on === undefined
      ? `Nobody changes ${what} by hand, so \`amend\` means nothing here. Remove it.`
      : `\`amend\` means nothing for ${what}. Write it on ${on} itself.`,
  explanation:
    '`amend` lets a change by hand take effect though a signature covers it. It stands on an input, or on a step whose result a person may enter.',
  wrong: 'steps:\n  - approve: { from: [role:it-managers] }\n    amend: free',
  right:
    'inputs: { desk: { type: string, amend: free } }\nsteps:\n  - task: { to: role:it-coordinators, instructions: "Prepare desk ${{ inputs.desk }}" }',
});

export const lateTarget = define<{ id: string; from: string; what: 'form' | 'event'; gate: string }>({
  code: 'CS1751',
  title: 'A target that comes after the last signature',
  message: ({ id, from, what, gate }) =>
    `\`${id}\` destroys what the ${what} of \`${from}\` names, and that comes after the last signature before it (\`${gate}\`). Let somebody sign in between, or move \`${from}\` before \`${gate}\`.`,
  explanation:
    'Whoever signs signs the target, or where it comes from. What a person reports or an outside system sends afterwards could be anything, and what is destroyed does not come back.',
  wrong:
    'steps:\n  - approve: { from: [role:it-managers] }\n  - id: who\n    task: { to: role:it-coordinators, instructions: Find out, form: { user: { type: string } } }\n  - uses: entra.deleteUser\n    with: { user: "${{ steps.who.output.user }}" }',
  right:
    'steps:\n  - id: who\n    task: { to: role:it-coordinators, instructions: Find out, form: { user: { type: string } } }\n  - approve: { from: [role:it-managers], show: { user: "${{ steps.who.output.user }}" } }\n  - uses: entra.deleteUser\n    with: { user: "${{ steps.who.output.user }}" }',
});

export const unboundedList = define<{ id: string; items: string }>({
  code: 'CS1752',
  title: 'Destroying for a list that nobody has seen',
  message: ({ id, items }) =>
    `\`${id}\` destroys something for each of \`${items}\`, and nobody who signs before it is shown that list. Show it in an approval, or say with \`upTo\` how many there may be.`,
  explanation:
    'A list that a step gives may be longer than anybody thought. Those who sign see it when it stands under `show` of an approval before the step; otherwise `upTo` stops the step before it begins when there are more items.',
  wrong:
    'steps:\n  - id: look\n    uses: entra.getUser\n    with: { user: a@example.com }\n  - approve: { from: [role:it-managers] }\n  - forEach: steps.look.output.tags\n    as: name\n    steps:\n      - uses: entra.deleteUser\n        with: { user: "${{ name }}" }',
  right:
    'steps:\n  - id: look\n    uses: entra.getUser\n    with: { user: a@example.com }\n  - approve: { from: [role:it-managers] }\n  - forEach: steps.look.output.tags\n    as: name\n    upTo: 10\n    steps:\n      - uses: entra.deleteUser\n        with: { user: "${{ name }}" }',
});

export const hiddenLeaf = define<{ path: string; visibleTo: string[] }>({
  code: 'CS1753',
  title: 'Signed by people who cannot see it',
  severity: 'warning',
  message: ({ path, visibleTo }) =>
    `The signature also stands for \`${path}\`, and none of those asked may see it: ${
      visibleTo.length === 0
        ? 'it is sealed for everybody'
        : `only ${visibleTo.map((person) => `\`${person}\``).join(', ')} may`
    }. Ask somebody who may see it, or add those who sign to its \`visibleTo\`.`,
  explanation:
    'A step behind the approval reads a value that is sealed. Who signs without seeing it only signs that it stays the same.',
  wrong:
    'inputs: { user: { type: string, sensitive: true, visibleTo: [role:it-director] } }\nsteps:\n  - approve: { from: [role:it-managers] }\n  - uses: entra.deleteUser\n    with: { user: "${{ inputs.user }}" }',
  right:
    'inputs: { user: { type: string, sensitive: true, visibleTo: [role:it-managers] } }\nsteps:\n  - approve: { from: [role:it-managers] }\n  - uses: entra.deleteUser\n    with: { user: "${{ inputs.user }}" }',
});

export const approverFromInput = define<{ path: string; key: string }>({
  code: 'CS1754',
  title: 'Whoever asks names who signs',
  severity: 'warning',
  message: ({ path, key }) =>
    `\`${key}\` takes \`${path}\` as it was given, so whoever gives it chooses who signs. Look the person up in the directory, or ask a role.`,
  explanation:
    "An address from a ticket or a form may be anybody's. A look-up such as `entra.getUser` takes only people whom the directory knows, and gives a person's manager as the directory has it.",
  wrong:
    'on:\n  - manual: { by: [role:it-coordinators] }\ninputs: { manager: { type: string, format: email } }\nsteps:\n  - approve: { from: ["${{ inputs.manager }}"] }',
  right:
    'on:\n  - manual: { by: [role:it-coordinators] }\ninputs: { manager: { type: string, format: email } }\nsteps:\n  - id: manager\n    uses: entra.getUser\n    with: { user: "${{ inputs.manager }}" }\n  - approve: { from: ["${{ steps.manager.output.userPrincipalName }}"] }',
});

export const wholeObject = define<{ path: string; gate: string }>({
  code: 'CS1755',
  title: 'All of an object behind a signature',
  message: ({ path, gate }) =>
    `This reads all of \`${path}\`, so that the signatures of \`${gate}\` stand for everything in it: whatever of it is changed by hand is signed again. Name the fields that it needs.`,
  explanation:
    'What a signature stands for is found field by field. An object that is handed on as a whole, or whose field the run computes, counts as all of it.',
  wrong:
    'inputs: { user: { type: string } }\nsteps:\n  - approve: { from: [role:it-managers] }\n  - uses: mail.send\n    with: { to: a@example.com, subject: Done, text: "${{ toJson(inputs) }}" }',
  right:
    'inputs: { user: { type: string } }\nsteps:\n  - approve: { from: [role:it-managers] }\n  - uses: mail.send\n    with: { to: a@example.com, subject: Done, text: "${{ inputs.user }}" }',
  severity: 'warning',
});

export const formAfterwards = define({
  code: 'CS1756',
  title: 'A form that is filled in too late',
  message: () =>
    '`retroactive` lets the steps after the approval begin before anybody has signed, so nothing could read its `form`. Leave `retroactive` out, or ask in a `task` before.',
  explanation:
    'What the signers fill in decides what the steps behind them do. An approval that is given afterwards comes after these steps.',
  wrong:
    'steps:\n  - approve: { from: [role:it-managers], within: 1d, retroactive: true, form: { endDate: { type: string, format: date } } }',
  right:
    'steps:\n  - approve: { from: [role:it-managers], within: 1d, form: { endDate: { type: string, format: date } } }',
});

export const formSealed = define<{ field: string }>({
  code: 'CS1757',
  title: 'A sealed field of what is signed',
  message: ({ field }) =>
    `\`${field}\` cannot be sensitive: whoever signs after it, and whoever checks the run later, must read what was signed. Ask for it in a \`task\`, whose fields may be.`,
  explanation:
    'The values that signers fill in are part of what they sign: all of them must agree on the same, and the record shows it.',
  wrong:
    'steps:\n  - approve: { from: [role:it-managers], form: { code: { type: string, sensitive: true } } }',
  right:
    'steps:\n  - approve: { from: [role:it-managers] }\n  - task: { to: role:it-coordinators, instructions: Type it in, form: { code: { type: string, sensitive: true } } }',
});
