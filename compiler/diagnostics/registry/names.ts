/** CS14xx: names of things outside the runbook: actions, roles, calendars, other runbooks. */
import { define, listOf } from '../diagnostic.ts';

export const unknownAction = define<{
  name: string;
  connector: string;
  ofConnector: string[];
  connectors: string[];
}>({
  code: 'CS1401',
  title: 'Unknown action',
  message: ({ name, connector, ofConnector, connectors }) =>
    ofConnector.length > 0
      ? `There is no action \`${name}\`. ${connector} has ${listOf(ofConnector.map((known) => known.slice(connector.length + 1)))}.`
      : `There is no action \`${name}\`. An action is named \`connector.operation\`; connectors are ${listOf(connectors)}.`,
  explanation:
    '`countersign actions` lists what can be done. An action is named by its connector and operation.',
  wrong: 'steps:\n  - uses: entra.getUsr\n    with: { user: a@example.com }',
  right: 'steps:\n  - uses: entra.getUser\n    with: { user: a@example.com }',
});

export const unknownRole = define<{ role: string; known: string[] }>({
  code: 'CS1402',
  title: 'Unknown role',
  message: ({ role, known }) =>
    known.length === 0
      ? `There is no role \`${role}\`: \`countersign.yaml\` has no roles yet.`
      : `There is no role \`${role}\` in \`countersign.yaml\`. It has ${listOf(known)}.`,
  explanation:
    'Roles and who is in them stand under `roles:` in `countersign.yaml`, so that people can change without a runbook changing.',
  wrong: 'owner: role:it-coordinator',
  right: 'owner: role:it-coordinators',
});

export const unknownConfigured = define<{ kind: string; name: string; known: string }>({
  code: 'CS1403',
  title: 'Not in the configuration',
  message: ({ kind, name, known }) =>
    known
      ? `There is no ${kind} \`${name}\` in \`countersign.yaml\`. It has ${known}.`
      : `There is no ${kind} \`${name}\`: \`countersign.yaml\` has none yet.`,
  explanation: 'Calendars, secrets and connectors are named in runbooks and stand in `countersign.yaml`.',
  wrong:
    'steps:\n  - window: { calendar: maintenance, steps: [{ uses: entra.getUser, with: { user: a@example.com } }] }',
  right: 'steps:\n  - uses: entra.getUser\n    with: { user: a@example.com }',
});

export const unknownRunbook = define<{ name: string; known: string[] }>({
  code: 'CS1404',
  title: 'Unknown runbook',
  message: ({ name, known }) =>
    known.length === 0
      ? `There is no runbook \`${name}\`.`
      : `There is no runbook \`${name}\`. There are ${listOf(known)}.`,
  explanation: 'A step can call another runbook by the name after `runbook:` in its first line.',
  wrong: 'steps:\n  - runbook: send-welcom',
  right: 'steps:\n  - uses: entra.getUser\n    with: { user: a@example.com }',
});

export const brokenRunbook = define<{ name: string }>({
  code: 'CS1405',
  title: 'The called runbook has errors',
  message: ({ name }) =>
    `The runbook \`${name}\` has errors of its own, so that it cannot be called. Correct it first.`,
  explanation: 'A runbook compiles together with those that it calls.',
  wrong: '# calls a runbook that has errors',
  right: 'steps:\n  - uses: entra.getUser\n    with: { user: a@example.com }',
});

export const recursion = define<{ circle: string[] }>({
  code: 'CS1406',
  title: 'Runbooks call each other in a circle',
  message: ({ circle }) =>
    `This goes in a circle: ${circle.join(' → ')}. Runbooks cannot call themselves, directly or through others.`,
  explanation: 'A run that starts itself would never end.',
  wrong: 'runbook: again\nsteps:\n  - runbook: again',
  right: 'runbook: again\nsteps:\n  - uses: entra.getUser\n    with: { user: a@example.com }',
});

export const duplicateRunbook = define<{ name: string; file: string }>({
  code: 'CS1407',
  title: 'Two runbooks of one name',
  message: ({ name, file }) => `The runbook \`${name}\` already stands in ${file}. Rename one of the two.`,
  explanation: 'A runbook is started and called by its name.',
  wrong: '# two files with `runbook: new-hire`',
  right: 'runbook: new-hire-berlin',
});

export const undoNotSuited = define<{ name: string }>({
  code: 'CS1408',
  title: 'An undo that changes nothing',
  message: ({ name }) => `\`${name}\` only reads, so it takes nothing back. Name the action that does.`,
  explanation: 'An undo must change something out there to take a step back.',
  wrong:
    'steps:\n  - id: account\n    uses: entra.addGroupMember\n    with: { group: All Staff, user: a@example.com }\n    undo:\n      uses: entra.getUser\n      with: { user: a@example.com }',
  right: 'steps:\n  - uses: entra.addGroupMember\n    with: { group: All Staff, user: a@example.com }',
});
