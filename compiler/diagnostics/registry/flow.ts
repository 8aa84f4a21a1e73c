/** CS17xx: steps that cannot do what their author means. */
import { define } from '../diagnostic.ts';

export const escalateWithoutWithin = define({
  code: 'CS1701',
  title: 'An escalation that never comes',
  message: () => '`escalate` says who is asked when `within` has passed, and there is no `within`. Add one.',
  explanation: 'Without a time there is no moment at which somebody else would be asked.',
  wrong: 'steps:\n  - approve: { from: [role:it-managers], escalate: role:it-director }',
  right:
    'steps:\n  - approve: { from: [role:it-managers], within: 2 business days, escalate: role:it-director }',
});

export const quorumTooHigh = define<{ quorum: number; people: number }>({
  code: 'CS1702',
  title: 'More signatures than people',
  message: ({ quorum, people }) =>
    people === 0
      ? 'Everybody who is asked is left out by `except`, so that nobody can sign. Ask somebody else too.'
      : `${quorum} signatures are needed, and only ${people === 1 ? 'one person is' : `${people} people are`} asked. Ask more people, or lower \`quorum\`.`,
  explanation: 'An approval that cannot be given would wait for ever.',
  wrong: 'steps:\n  - approve: { from: [a@example.com], quorum: 2 }',
  right: 'steps:\n  - approve: { from: [a@example.com, b@example.com], quorum: 2 }',
});

export const waitForWhat = define<{ has: string[] }>({
  code: 'CS1703',
  title: 'A wait for nothing, or for several things',
  message: ({ has }) =>
    has.length === 0
      ? 'This wait does not say for what. It needs `for` (a length of time), `until` (a date or time) or `event`.'
      : `A wait is for one thing, and this one has ${has.map((key) => `\`${key}\``).join(' and ')}. Make two waits of it. Only an event may have \`until\` beside it: the moment after which it is waited for no longer.`,
  explanation:
    '`for` waits a length of time, `until` until a moment, `event` until something outside happens.',
  wrong: 'steps:\n  - wait: { for: 10m, until: "2026-01-31" }',
  right: 'steps:\n  - wait: { for: 10m }',
});

export const waitKey = define<{ key: string; needs: string }>({
  code: 'CS1704',
  title: 'A key that belongs to a wait for an event',
  message: ({ key, needs }) => `\`${key}\` belongs to a wait for an event, and there is no \`${needs}\`.`,
  explanation: '`key`, `within` and `onExpiry` say which event is waited for, how long, and what then.',
  wrong: 'steps:\n  - wait: { for: 10m, within: 10d }',
  right: 'steps:\n  - wait: { event: order.shipped, key: A-1, within: 10d }',
});

export const eventWithoutKey = define({
  code: 'CS1705',
  title: 'An event without its key',
  message: () =>
    '`key` is missing: it says which of these events is meant, for example the number of the order.',
  explanation: 'Many runs may wait for events of the same name. The key tells them apart.',
  wrong: 'steps:\n  - wait: { event: order.shipped, within: 10d }',
  right: 'steps:\n  - wait: { event: order.shipped, key: A-1, within: 10d }',
});

export const elseWithoutIf = define({
  code: 'CS1706',
  title: '`else` without `if`',
  message: () =>
    'There is no `if` that could be false, so `else` would never run. Add an `if`, or remove `else`.',
  explanation: 'A group runs its steps if its condition holds, and those under `else` if it does not.',
  wrong:
    'steps:\n  - steps:\n      - uses: entra.getUser\n        with: { user: a@example.com }\n    else:\n      - uses: entra.getUser\n        with: { user: b@example.com }',
  right:
    'inputs: { big: { type: boolean } }\nsteps:\n  - if: inputs.big\n    steps:\n      - uses: entra.getUser\n        with: { user: a@example.com }\n    else:\n      - uses: entra.getUser\n        with: { user: b@example.com }',
});

export const neverReached = define<{ line: number }>({
  code: 'CS1707',
  title: 'Steps that are never reached',
  severity: 'warning',
  message: ({ line }) =>
    `This never runs, since the run or the item always ends in line ${line}. Give that step an \`if\`, or remove what follows.`,
  explanation: 'An `end` or a `fail` without an `if` ends each time what it stands in.',
  wrong: 'steps:\n  - end: { status: succeeded }\n  - uses: entra.getUser\n    with: { user: a@example.com }',
  right:
    'inputs: { done: { type: boolean } }\nsteps:\n  - if: inputs.done\n    end: { status: succeeded }\n  - uses: entra.getUser\n    with: { user: a@example.com }',
});

export const tooManySteps = define<{ count: number }>({
  code: 'CS1708',
  title: 'Too many steps',
  message: ({ count }) =>
    `The runbook has ${count.toLocaleString('en')} steps; at most 2,000 are allowed. Move parts into runbooks of their own.`,
  explanation:
    'A runbook this long cannot be reviewed. Use `forEach` for many items, and `runbook` for parts.',
  wrong: `steps:\n${'  - end: { status: succeeded }\n'.repeat(2001)}`,
  right: 'steps:\n  - end: { status: succeeded }',
});

export const onlyBranch = define<{ name: string }>({
  code: 'CS1709',
  title: 'Only one branch',
  severity: 'warning',
  message: ({ name }) =>
    `This \`parallel\` has only the branch \`${name}\`, so that nothing runs at the same time. Write its steps without \`parallel\`.`,
  explanation: 'One branch alone is a list of steps.',
  wrong:
    'steps:\n  - parallel:\n      one:\n        - uses: entra.getUser\n          with: { user: a@example.com }',
  right:
    'steps:\n  - parallel:\n      one:\n        - uses: entra.getUser\n          with: { user: a@example.com }\n      two:\n        - uses: entra.getUser\n          with: { user: b@example.com }',
});

export const retroactiveWithoutWithin = define({
  code: 'CS1710',
  title: 'A later approval without a time',
  message: () =>
    'An approval that is given afterwards (`retroactive: true`) needs `within`, so that somebody notices when it is not.',
  explanation: 'An emergency change may run first, and must be signed within a time that its author names.',
  wrong: 'steps:\n  - approve: { from: [role:it-managers], retroactive: true }',
  right: 'steps:\n  - approve: { from: [role:it-managers], retroactive: true, within: 3d }',
});

export const needsWhole = define<{ where: string }>({
  code: 'CS1711',
  title: 'Not a whole number or a length of time',
  message: ({ where }) =>
    `${where} takes a whole number of rounds from 1, or a length of time such as \`2h\`.`,
  explanation: '`atMost` says after how many rounds, or after how long, a repeat gives up.',
  wrong:
    'steps:\n  - repeat: { until: true, every: 1m, atMost: often }\n    steps:\n      - uses: entra.getUser\n        with: { user: a@example.com }',
  right:
    'steps:\n  - repeat: { until: true, every: 1m, atMost: 10 }\n    steps:\n      - uses: entra.getUser\n        with: { user: a@example.com }',
});

export const policyBroken = define<{ policy: string; about: string; says: string }>({
  code: 'CS1712',
  title: 'A policy is broken',
  message: ({ policy, about, says }) => `${about} breaks the policy \`${policy}\`: ${says}`,
  explanation:
    'Policies are rules of the organisation, written under `policies:` in countersign.yaml. `countersign plan FILE` shows which approvals come before each step.',
  wrong: 'steps:\n  - uses: entra.deleteUser\n    with: { user: a@example.com }',
  right:
    'steps:\n  - approve: { from: [role:it-managers] }\n  - uses: entra.deleteUser\n    with: { user: a@example.com }',
});

export const approvalGoesOn = define({
  code: 'CS1713',
  title: 'An approval that can be missed',
  message: () =>
    'With `onError: continue` the run would go on unsigned when nobody can be asked. Remove it; to go on after a refusal, write `onReject: continue` under `approve`.',
  explanation:
    'When nobody can be asked, for example since a role is empty, the step parks and its owner is told. Going on instead would open the gate without a signature.',
  wrong: 'steps:\n  - approve: { from: [role:it-managers] }\n    onError: continue',
  right: 'steps:\n  - approve: { from: [role:it-managers] }',
});

export const remindTooLate = define({
  code: 'CS1714',
  title: 'A reminder that never comes',
  message: () => '`remind` is no shorter than `within`, so that nobody is ever reminded. Make it shorter.',
  explanation: 'A reminder is sent while there is still time to answer.',
  wrong: 'steps:\n  - approve: { from: [role:it-managers], within: 1d, remind: 2d }',
  right: 'steps:\n  - approve: { from: [role:it-managers], within: 2d, remind: 1d }',
});

export const nobodyInstead = define<{ where: string; role: string }>({
  code: 'CS1715',
  title: 'Nobody in place of an absent person',
  message: ({ where, role }) =>
    `${where} would be empty when the value is absent, and nobody could be asked. Name somebody instead, such as \`"${role}"\`.`,
  explanation: 'A step that asks nobody parks.',
  wrong:
    'inputs: { manager: { type: string, optional: true } }\nsteps:\n  - approve: { from: ["${{ inputs.manager.orValue(\'\') }}"] }',
  right:
    'inputs: { manager: { type: string, optional: true } }\nsteps:\n  - approve: { from: ["${{ inputs.manager.orValue(\'role:it-managers\') }}"] }',
});

export const onlyOneRound = define({
  code: 'CS1716',
  title: 'A repetition that comes once',
  message: () =>
    '`every` is no shorter than `atMost`, so that there is one round and no other. Make it shorter.',
  explanation: 'Rounds follow one another after `every`, until `atMost` is over.',
  wrong:
    'steps:\n  - repeat: { until: "true", every: 2h, atMost: 1h }\n    steps:\n      - uses: entra.getUser\n        with: { user: a@example.com }',
  right:
    'steps:\n  - repeat: { until: "true", every: 5m, atMost: 1h }\n    steps:\n      - uses: entra.getUser\n        with: { user: a@example.com }',
});

export const escalateWithoutTime = define({
  code: 'CS1720',
  title: 'A task that is taken further and never late',
  message: () =>
    '`escalate` says who is asked when the task is late, and there is neither `due` nor `within`. Add one.',
  explanation: 'Without a time there is no moment at which somebody else would be asked.',
  wrong:
    'steps:\n  - task: { to: role:it-coordinators, instructions: Place it., escalate: role:it-director }',
  right:
    'steps:\n  - task: { to: role:it-coordinators, instructions: Place it., within: 2d, escalate: role:it-director }',
});

export const dueAndWithin = define({
  code: 'CS1721',
  title: 'A task with two ends',
  message: () =>
    'The task is over at `due`, so that `within` says nothing. Keep one of them; beside `escalate`, `within` is how long there is more.',
  explanation:
    'A task ends at its moment, or after its time. Only one that is taken further has time after its moment.',
  wrong:
    'inputs: { day: { type: string, format: date } }\nsteps:\n  - task: { to: role:it-coordinators, instructions: Place it., due: "${{ inputs.day }}", within: 2d }',
  right:
    'inputs: { day: { type: string, format: date } }\nsteps:\n  - task: { to: role:it-coordinators, instructions: Place it., due: "${{ inputs.day }}" }',
});

export const neverExpires = define<{ what: string }>({
  code: 'CS1722',
  title: '`onExpiry` of what never expires',
  severity: 'warning',
  message: ({ what }) =>
    `${what} has no end, so that \`onExpiry: continue\` never comes to pass. Say how long with \`within\`.`,
  explanation:
    'Without a time, or once it was taken further without one, a wait or a task stays open until it is settled.',
  wrong: 'steps:\n  - wait: { event: order.shipped, key: A-1, onExpiry: continue }',
  right: 'steps:\n  - wait: { event: order.shipped, key: A-1, within: 10d, onExpiry: continue }',
});

export const twoEnds = define({
  code: 'CS1723',
  title: 'A wait with two ends',
  message: () =>
    'The event is waited for until a moment (`until`) and for a time (`within`). Keep the one that is meant.',
  explanation:
    'An event is waited for until a moment or for a length of time, and for good where neither is said.',
  wrong:
    'inputs: { day: { type: string, format: date } }\nsteps:\n  - wait: { event: order.shipped, key: A-1, until: "${{ inputs.day }}", within: 2d }',
  right:
    'inputs: { day: { type: string, format: date } }\nsteps:\n  - wait: { event: order.shipped, key: A-1, until: "${{ inputs.day }}" }',
});

export const endsClosing = define<{ what: string }>({
  code: 'CS1724',
  title: 'An end of the run among its closing steps',
  message: ({ what }) =>
    `\`${what}\` would end the run, and how it ends is settled before the steps under \`finally\` begin. Take it out, or move the step to \`steps\`.`,
  explanation:
    'The steps under `finally` run after the end of all others, whatever that was. One that fails waits for its owner, or goes on with `onError: continue`.',
  wrong: 'finally:\n  - uses: entra.getUser\n    with: { user: a@example.com }\n    onError: abort',
  right: 'finally:\n  - uses: entra.getUser\n    with: { user: a@example.com }\n    onError: continue',
});

export const failsAnyway = define({
  code: 'CS1726',
  title: '`onError` on a step that fails on purpose',
  message: () =>
    '`fail` fails on purpose, so that nothing is left to decide. Remove `onError`; to go on in a case, give the step an `if`.',
  explanation:
    'Inside a forEach a `fail` ends its item, which counts as failed; elsewhere it ends the run as failed.',
  wrong:
    'inputs: { gone: { type: boolean } }\nsteps:\n  - if: inputs.gone\n    fail: The account is gone.\n    onError: continue',
  right: 'inputs: { gone: { type: boolean } }\nsteps:\n  - if: inputs.gone\n    fail: The account is gone.',
});

export const nothingToUndo = define({
  code: 'CS1727',
  title: '`onItemError: undo` where nothing can be taken back',
  severity: 'warning',
  message: () =>
    'No step in this list has an `undo`, so that nothing of an item is taken back when it fails. Give its actions one, or remove `onItemError`.',
  explanation:
    'What the steps of an item did is taken back, the last first, by the `undo` of each, when one of them fails.',
  wrong:
    'steps:\n  - forEach: [a@example.com]\n    as: person\n    onItemError: undo\n    steps:\n      - uses: entra.addGroupMember\n        with: { group: VPN Users, user: "${{ person }}" }',
  right:
    'steps:\n  - forEach: [a@example.com]\n    as: person\n    steps:\n      - uses: entra.addGroupMember\n        with: { group: VPN Users, user: "${{ person }}" }',
});

export const setElsewhere = define<{ where: 'outside' | 'in a list' | 'in a branch' | 'here' }>({
  code: 'CS1728',
  title: 'A `set` where nothing is remembered',
  message: ({ where }) =>
    where === 'outside'
      ? '`set` belongs in the steps of a `repeat` that has `state`: it says what later rounds know.'
      : `\`set\` stands ${where} that is done side by side, so that nobody could say which comes last. Put it after that, in the steps of the repeat itself.`,
  explanation:
    'A repeat remembers from round to round what its `state` names. `set` changes it, in one place after the other.',
  wrong: 'steps:\n  - set: { asked: 1 }',
  right:
    'steps:\n  - repeat: { state: { asked: 0 }, until: state.asked > 3, every: 1d, atMost: 10 }\n    steps:\n      - set: { asked: "${{ state.asked + 1 }}" }',
});

export const unknownState = define<{ name: string; known: string[] }>({
  code: 'CS1729',
  title: 'Nothing of that name is remembered',
  message: ({ name, known }) =>
    `The repeat remembers nothing called \`${name}\`. Its \`state\` has ${known.map((each) => `\`${each}\``).join(', ')}.`,
  explanation:
    'What a `set` changes stands under `state` of the repeat around it, with the value that it begins with.',
  wrong:
    'steps:\n  - repeat: { state: { asked: 0 }, until: state.asked > 3, every: 1d, atMost: 10 }\n    steps:\n      - set: { aksed: "${{ state.asked + 1 }}" }',
  right:
    'steps:\n  - repeat: { state: { asked: 0 }, until: state.asked > 3, every: 1d, atMost: 10 }\n    steps:\n      - set: { asked: "${{ state.asked + 1 }}" }',
});
