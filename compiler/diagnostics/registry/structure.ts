/** CS11xx: keys and values in the wrong place or of the wrong form. */
import { define, listOf } from '../diagnostic.ts';

const getUser = 'steps:\n  - uses: entra.getUser\n    with: { user: a@example.com }';

export const unknownKey = define<{
  key: string;
  where: string;
  known: string[];
  belongs?: string | undefined;
}>({
  code: 'CS1101',
  title: 'Unknown key',
  message: ({ key, where, known, belongs }) =>
    belongs
      ? `\`${key}\` does not belong in ${where}. ${belongs}`
      : known.length === 0
        ? `\`${key}\` does not belong in ${where}, which takes no keys.`
        : `\`${key}\` is no key of ${where}. It has ${listOf(known)}.`,
  explanation:
    'A key that is not known would silently do nothing, so it is refused. Most often it is misspelt or indented wrongly.',
  wrong: 'titel: New hire',
  right: 'title: New hire',
});

export const missingKey = define<{ key: string; where: string; about?: string | undefined }>({
  code: 'CS1102',
  title: 'A key is missing',
  message: ({ key, where, about }) => `\`${key}\` is missing in ${where}.${about ? ` ${about}` : ''}`,
  explanation: 'Some keys must be there, since there is nothing sensible to assume in their place.',
  wrong: 'steps:\n  - approve: { quorum: 1 }',
  right: 'steps:\n  - approve: { from: [role:it-managers] }',
});

export const wrongKind = define<{ where: string; is: string; takes: string; hint?: string | undefined }>({
  code: 'CS1103',
  title: 'A value of the wrong kind',
  message: ({ where, is, takes, hint }) =>
    `${where} takes ${takes}, and here is ${is}.${hint ? ` ${hint}` : ''}`,
  explanation: 'Each key takes text, a number, true or false, a list, or further keys.',
  wrong: 'title: [New, hire]',
  right: 'title: New hire',
});

export const notOneOf = define<{ value: string; where: string; values: string[] }>({
  code: 'CS1104',
  title: 'Not one of the possible values',
  message: ({ value, where, values }) => `"${value}" is no value of ${where}. It can be ${listOf(values)}.`,
  explanation: 'This key takes one of a few words.',
  wrong: 'kind: onbording',
  right: 'kind: onboarding',
});

export const outOfRange = define<{ where: string; value: string; takes: string }>({
  code: 'CS1105',
  title: 'A number out of range',
  message: ({ where, value, takes }) => `${where} is ${value}, and must be ${takes}.`,
  explanation: 'The value is a number, and not one that makes sense here.',
  wrong: 'steps:\n  - approve: { from: [role:it-managers], quorum: 0 }',
  right: 'steps:\n  - approve: { from: [role:it-managers], quorum: 1 }',
});

export const badText = define<{ where: string; value: string; what: string }>({
  code: 'CS1106',
  title: 'Text that does not fit',
  message: ({ where, value, what }) => `"${value}" cannot be ${where}: ${what}`,
  explanation: 'The field takes text of a certain form, such as a date or an e-mail address.',
  wrong: 'inputs:\n  start: { type: string, format: date, default: 31.1.2026 }',
  right: 'inputs:\n  start: { type: string, format: date, default: "2026-01-31" }',
});

export const itemCount = define<{ where: string; takes: string; has: number }>({
  code: 'CS1107',
  title: 'Too few or too many items',
  message: ({ where, takes, has }) => `${where} takes ${takes}, and has ${has}.`,
  explanation: 'The list needs a certain number of items.',
  wrong: 'steps: []',
  right: getUser,
});

export const noAlternative = define<{ where: string; is: string; takes: string }>({
  code: 'CS1108',
  title: 'Fits none of the forms',
  message: ({ where, is, takes }) => `${where} takes ${takes}, and here is ${is}.`,
  explanation: 'The key can be written in several forms, and this is none of them.',
  wrong: 'steps:\n  - approve: { from: [role:it-managers], quorum: most }',
  right: 'steps:\n  - approve: { from: [role:it-managers], quorum: majority }',
});

export const noStepKind = define<{ kinds: string[]; known?: string | undefined }>({
  code: 'CS1109',
  title: 'A step that does nothing',
  message: ({ kinds, known }) =>
    known
      ? `This step does not say what it does. \`${known}\` is no key of a step.`
      : `This step does not say what it does. It needs ${listOf(kinds)}.`,
  explanation:
    'A step is an action (`uses`), an approval (`approve`), a task for a person (`task`), and so on. One key says which.',
  wrong: 'steps:\n  - id: account\n    title: Create the account',
  right:
    'steps:\n  - id: account\n    title: Find the account\n    uses: entra.getUser\n    with: { user: a@example.com }',
});

export const twoStepKinds = define<{ first: string; second: string }>({
  code: 'CS1110',
  title: 'A step that does two things',
  message: ({ first, second }) =>
    `A step does one thing, and this one has both \`${first}\` and \`${second}\`. Make two steps of it; a dash may be missing before \`${second}\`.`,
  explanation: 'One key says what a step does. Two of them are two steps.',
  wrong: 'steps:\n  - uses: entra.getUser\n    with: { user: a@example.com }\n    wait: { for: 10m }',
  right: 'steps:\n  - uses: entra.getUser\n    with: { user: a@example.com }\n  - wait: { for: 10m }',
});

export const keyOfOtherKind = define<{ key: string; kind: string; belongs: string }>({
  code: 'CS1111',
  title: 'A key of another kind of step',
  message: ({ key, kind, belongs }) => `\`${key}\` does not belong to ${kind}. ${belongs}`,
  explanation:
    'Every step may have `id`, `title`, `if` and `onError`; other keys belong to one kind of step.',
  wrong: 'steps:\n  - approve: { from: [role:it-managers] }\n    timeout: 2m',
  right: 'steps:\n  - approve: { from: [role:it-managers], within: 2 business days }',
});

export const reservedKey = define<{ key: string }>({
  code: 'CS1112',
  title: 'A key that begins with a dollar sign',
  message: ({ key }) =>
    `The key \`${key}\` is reserved: it would be taken for a computed value. Use a name without \`$\`.`,
  explanation:
    'In a plan, the keys `$expr`, `$text`, `$secret` and `$sealed` stand for values that are computed later.',
  wrong: 'outputs:\n  result: { $expr: now }',
  right: 'outputs:\n  result: { expr: now }',
});

export const numberNotText = define<{ where: string; raw: string }>({
  code: 'CS1113',
  title: 'A number, or true or false, where text is needed',
  message: ({ where, raw }) =>
    `${where} takes text, and \`${raw}\` is none to YAML. Put it in quotes: "${raw}".`,
  explanation: 'YAML reads `12345` as a number and `true` as a truth value. In quotes they are text.',
  wrong: 'title: 2026',
  right: 'title: "2026"',
});
