/** CS18xx: tests of runbooks (`*.test.yaml`). */
import { define, listOf } from '../diagnostic.ts';

const test = (rest: string) => `runbook: example\ntests:\n  - name: It works\n${rest}`;

export const noRunbookToTest = define<{ name: string; known: string[] }>({
  code: 'CS1801',
  title: 'No runbook to test',
  message: ({ name, known }) =>
    `There is no runbook \`${name}\` that could be tested.${known.length > 0 ? ` There are ${listOf(known)}.` : ''}`,
  explanation:
    'A test stands beside its runbook: `new-hire.test.yaml` tests `new-hire.yaml`, or the runbook that its `runbook:` names. One with errors cannot be tested.',
  wrong: 'runbook: exampel\ntests:\n  - name: It works',
  right: 'runbook: example\ntests:\n  - name: It works',
});

export const unknownTestStep = define<{ step: string; known: string[] }>({
  code: 'CS1802',
  title: 'A test names an unknown step',
  message: ({ step, known }) => `The runbook has no step \`${step}\`. It has ${listOf(known)}.`,
  explanation:
    'A step is named by its id. `groups[2]` is the third item’s step in a `forEach`, `tell.send` a step of the runbook that `tell` calls, and in a path `account.undo` is what takes `account` back.',
  wrong: test('    events:\n      - approve: singoff'),
  right: test('    events:\n      - approve: signoff'),
});

export const unknownTestInput = define<{ input: string; known: string[] }>({
  code: 'CS1803',
  title: 'A test gives an unknown input',
  message: ({ input, known }) =>
    known.length > 0
      ? `The runbook has no input \`${input}\`. It has ${listOf(known)}.`
      : `The runbook has no input \`${input}\`; it takes none.`,
  explanation: 'A test gives values to the inputs that its runbook declares.',
  wrong: test('    inputs: { hwo: kim }'),
  right: test('    inputs: { who: kim@example.com }'),
});

export const eventSaysOneThing = define<{ found: string[]; known: readonly string[] }>({
  code: 'CS1804',
  title: 'An event says one thing',
  message: ({ found, known }) =>
    found.length === 0
      ? `What happens here? An event has one of ${listOf(known)}.`
      : `An event says one thing that happens, and here are ${listOf(found)}. Write a list item for each.`,
  explanation: 'Each item of `events` is one thing that happens during the run.',
  wrong: test('    events:\n      - by: kim@example.com'),
  right: test('    events:\n      - approve: signoff\n        by: kim@example.com'),
});

export const eventDoesNotFit = define<{ key: string; step: string; takes: string; is: string }>({
  code: 'CS1805',
  title: 'Not what this step takes',
  message: ({ key, step, takes, is }) => `\`${key}\` is for ${takes}, and \`${step}\` is ${is}.`,
  explanation:
    'Approvals are approved or rejected, tasks are completed, and `actions:` answers for actions. What failed can be retried, skipped or completed by hand.',
  wrong: test('    events:\n      - approve: look'),
  right: test('    events:\n      - approve: signoff'),
});

export const answerSaysNothing = define({
  code: 'CS1806',
  title: 'An answer that says nothing',
  message: () => 'An answer has `output`, `absent`, `fails` or `takes`.',
  explanation:
    'Without an answer, an action succeeds with made-up output; so say what differs: `output: { … }`, `fails: Why`, or `takes: 20m`.',
  wrong: test('    actions:\n      look: {}'),
  right: test('    actions:\n      look: { fails: There is no such person }'),
});

export const neverAbsentField = define<{ field: string; mayLack: string[] }>({
  code: 'CS1807',
  title: 'A field that is never absent',
  message: ({ field, mayLack }) =>
    `\`${field}\` is never left out by this action${mayLack.length > 0 ? `; ${listOf(mayLack)} may be` : ', and neither is any other field'}.`,
  explanation:
    '`absent` names fields of an output that the action may leave out. A test of what cannot happen would show nothing.',
  wrong: test('    actions:\n      look: { absent: [id] }'),
  right: test('    actions:\n      look: { absent: [displayName] }'),
});

export const unknownTestOutput = define<{ output: string; known: string[] }>({
  code: 'CS1808',
  title: 'A test expects an unknown output',
  message: ({ output, known }) =>
    known.length > 0
      ? `The runbook gives no output \`${output}\`. It gives ${listOf(known)}.`
      : `The runbook gives no output \`${output}\`; it gives none.`,
  explanation:
    'What a test expects under `outputs` is among those that the runbook declares under `outputs`.',
  wrong: test('    expect:\n      outputs: { serial: "4711" }'),
  right: test('    expect:\n      status: succeeded'),
});

export const unknownTestName = define<{ name: string; known: string[] }>({
  code: 'CS1809',
  title: 'A test names what the organisation does not have',
  message: ({ name, known }) =>
    `Nothing is called \`${name}\` here.${known.length > 0 ? ` There are ${listOf(known)}.` : ''}`,
  explanation:
    'A test may take a value of the organisation, `${{ organisation.domain }}`, and the people of a role, `${{ roles["cab"][1] }}`, so that it holds wherever the runbook is used. Where a person stands, `role:cab` is the first of them and `role:cab#2` the second.',
  wrong: test('    requester: role:it-cordinators'),
  right: test('    requester: kim@example.com'),
});
