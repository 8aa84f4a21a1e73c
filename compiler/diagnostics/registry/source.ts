/** CS10xx: the text itself. */
import { define } from '../diagnostic.ts';

export const fileTooLarge = define<{ bytes: number }>({
  code: 'CS1001',
  title: 'The file is too large',
  message: ({ bytes }) =>
    `The file has ${bytes.toLocaleString('en')} characters; at most 1,048,576 are read. Split it into several runbooks.`,
  explanation:
    'A runbook that nobody can read through cannot be reviewed. Move parts of it into runbooks of their own and call them with `runbook:`.',
  wrong: '# a file of more than 1 MiB',
  right: 'steps:\n  - runbook: send-welcome',
});

export const tooDeep = define({
  code: 'CS1002',
  title: 'Nested too deeply',
  message: () => 'This is nested more than 64 levels deep. Move the inner part into a runbook of its own.',
  explanation: 'Lists and maps may stand in each other at most 64 levels deep.',
  wrong: `x: ${'['.repeat(65)}${']'.repeat(65)}`,
  right: 'inputs:\n  people: { type: array, items: { type: string }, optional: true }',
});

export const tooManyAliases = define({
  code: 'CS1003',
  title: 'Aliases expand to too much',
  message: () =>
    'The aliases (`*name`) of this file expand to more than 10,000 values. Write the values out where they are used.',
  explanation: 'Aliases of aliases grow very fast. Use them for single values, or not at all.',
  wrong:
    'a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\ne: [*d, *d]',
  right: 'defaults:\n  timeout: 2m',
});

export const unknownAnchor = define<{ name: string }>({
  code: 'CS1004',
  title: 'Alias of something that is not there',
  message: ({ name }) =>
    `\`*${name}\` refers to an anchor \`&${name}\` that does not stand before it. If it is meant as text, put it in quotes.`,
  explanation:
    'In YAML a value that begins with `*` repeats what was marked with `&` earlier in the file. Text that begins with `*` needs quotes.',
  wrong: 'description: *all',
  right: 'description: "*all"',
});

export const yamlSyntax = define<{ what: string }>({
  code: 'CS1005',
  title: 'Not valid YAML',
  message: ({ what }) => what,
  explanation:
    'The text breaks a rule of YAML, so that it cannot be told what belongs to what. Most often a colon needs a space after it, a text needs quotes, or a line stands a space too far left or right.',
  wrong: 'description: New hire: the runbook',
  right: 'description: "New hire: the runbook"',
});

export const tabIndent = define({
  code: 'CS1006',
  title: 'Tab at the start of a line',
  message: () =>
    'This line is indented with a tab. YAML takes only spaces there: replace each tab by two spaces.',
  explanation:
    'YAML shows what belongs together by spaces at the start of a line. Set the editor to insert spaces.',
  wrong: 'defaults:\n\ttimeout: 2m',
  right: 'defaults:\n  timeout: 2m',
});

export const duplicateKey = define<{ key: string; line: number }>({
  code: 'CS1007',
  title: 'The same key twice',
  message: ({ key, line }) =>
    `\`${key}\` stands here a second time; it already stands in line ${line}. Keep one of the two. If these are two steps, begin the second with \`- \`.`,
  explanation:
    'A key can stand only once in the same place, since one of the two values would silently be lost.',
  wrong: 'title: New hire\ntitle: New hire onboarding',
  right: 'title: New hire onboarding',
});

export const missingDash = define<{ key: string }>({
  code: 'CS1008',
  title: 'A dash is missing',
  message: ({ key }) =>
    `\`${key}\` stands further left than the rest of its step and without \`- \`. A new step begins with a dash: \`- ${key}: …\`; otherwise indent it like the line above.`,
  explanation: 'Steps are a list, and each item of a list begins with a dash and a space.',
  wrong:
    'steps:\n  - id: manager\n    uses: entra.getUser\n    with: { user: a@example.com }\n  id: other\n    uses: entra.getUser',
  right:
    'steps:\n  - id: manager\n    uses: entra.getUser\n    with: { user: a@example.com }\n  - id: other\n    uses: entra.getUser\n    with: { user: b@example.com }',
});

export const expressionInFlow = define<{ text: string }>({
  code: 'CS1009',
  title: 'An expression between { } or [ ] without quotes',
  message: ({ text }) =>
    `Between { } or [ ] YAML reads the braces of \`${text}\` as its own. Put quotes around the expression.`,
  explanation:
    'In the short form of maps and lists (`{ a: b }`, `[a, b]`) an expression must stand in quotes. In the long form, with one key a line, it needs none.',
  wrong:
    'inputs: { user: { type: string } }\nsteps:\n  - uses: entra.getUser\n    with: { user: ${{ inputs.user }} }',
  right:
    'inputs: { user: { type: string } }\nsteps:\n  - uses: entra.getUser\n    with: { user: "${{ inputs.user }}" }',
});

export const expressionWithColon = define<{ text: string }>({
  code: 'CS1010',
  title: 'An expression with ": " in it without quotes',
  message: ({ text }) =>
    `YAML takes the colon followed by a space in \`${text}\` for the end of a key. Put single quotes around the whole expression.`,
  explanation:
    'A colon followed by a space separates key and value, also in the middle of an expression such as `a ? b : c`. Quotes keep it together.',
  wrong:
    'inputs: { scope: { type: string } }\nchange:\n  risk: ${{ inputs.scope == "all" ? "high": "low" }}\n  backout: Undo it.',
  right:
    'inputs: { scope: { type: string } }\nchange:\n  risk: \'${{ inputs.scope == "all" ? "high" : "low" }}\'\n  backout: Undo it.',
});

export const expressionWithComment = define<{ text: string }>({
  code: 'CS1011',
  title: 'An expression with " #" in it without quotes',
  message: ({ text }) =>
    `YAML takes what follows the space and \`#\` in \`${text}\` for a comment. Put single quotes around the whole expression.`,
  explanation:
    'A `#` after a space begins a comment, also in the middle of an expression. Quotes keep it together.',
  wrong: 'inputs: { room: { type: string } }\nunique: ${{ inputs.room + " #1" }}',
  right: 'inputs: { room: { type: string } }\nunique: \'${{ inputs.room + " #1" }}\'',
});

export const bracesWithoutDollar = define<{ text: string }>({
  code: 'CS1012',
  title: 'Braces without a dollar sign',
  message: ({ text }) =>
    `\`${text}\` is no expression without a dollar sign. Write \`$${text}\`, in quotes if it stands between { } or [ ].`,
  explanation: 'An expression begins with `${{` and ends with `}}`.',
  wrong:
    'inputs: { user: { type: string } }\nsteps:\n  - uses: entra.getUser\n    with:\n      user: {{ inputs.user }}',
  right:
    'inputs: { user: { type: string } }\nsteps:\n  - uses: entra.getUser\n    with:\n      user: ${{ inputs.user }}',
});

export const unsupportedTag = define<{ tag: string }>({
  code: 'CS1013',
  title: 'A YAML tag',
  message: ({ tag }) =>
    `\`${tag}\` is a YAML tag, which runbooks do not use. Remove it; text that begins with \`!\` needs quotes.`,
  explanation:
    'A value that begins with `!` tells YAML to build something special. A runbook has only text, numbers, lists and maps.',
  wrong: 'description: !important Read this',
  right: 'description: "!important Read this"',
});

export const keyNotText = define({
  code: 'CS1014',
  title: 'A key that is no text',
  message: () => 'A key must be a plain word. If this line was meant as text, put it in quotes.',
  explanation: 'YAML allows lists and maps as keys; a runbook has no use for them.',
  wrong: '? [a, b]\n: c',
  right: 'description: "? [a, b]"',
});

export const emptyFile = define<{ what: string }>({
  code: 'CS1015',
  title: 'Nothing in the file',
  message: ({ what }) => `The file is empty. ${what}`,
  explanation: 'A runbook needs at least `runbook`, `title`, `kind`, `owner` and `steps`.',
  wrong: '# nothing yet',
  right:
    'runbook: new-hire\ntitle: New hire\nkind: onboarding\nowner: role:it-coordinators\nsteps:\n  - uses: entra.getUser\n    with: { user: a@example.com }',
});

export const severalDocuments = define({
  code: 'CS1016',
  title: 'Several documents in one file',
  message: () => 'A second document begins here (`---`). Put each runbook in a file of its own.',
  explanation: 'Three dashes on a line begin a new YAML document. One file holds one runbook.',
  wrong: 'title: One\n---\ntitle: Two',
  right: 'title: One',
});

export const mergeKey = define({
  code: 'CS1017',
  title: 'A merge key',
  message: () => '`<<` is not known: keys are not merged into others. Write the keys out.',
  explanation:
    'A reader should see what a step does where it stands. An alias (`*name`) can stand for a whole value.',
  wrong: 'defaults:\n  <<: { timeout: 2m }',
  right: 'defaults:\n  timeout: 2m',
});

export const tooSlow = define<{ seconds: number }>({
  code: 'CS1018',
  title: 'It takes too long to check',
  message: ({ seconds }) =>
    `Checking this takes more than ${seconds} s, and was given up here. Split the runbook, or shorten its expressions.`,
  explanation:
    'A runbook of the usual size is checked within milliseconds. One that takes this long cannot be read either.',
  wrong: 'steps:\n  - end: { status: succeeded }',
  right: 'steps:\n  - end: { status: succeeded }',
});

export const internalProblem = define<{ what: string }>({
  code: 'CS1099',
  title: 'The compiler failed',
  message: ({ what }) =>
    `The compiler could not finish with this file (${what}). That is a fault of Countersign: please report it with the file.`,
  explanation: 'A fault in the compiler itself. It refuses the file rather than guess what was meant.',
  wrong: '# cannot be shown',
  right: 'title: New hire',
});

export const singleBraces = define<{ text: string; better: string }>({
  code: 'CS1019',
  title: 'An expression with single braces',
  message: ({ text, better }) =>
    `\`${text}\` would be sent as it stands: an expression has two braces. Write \`${better}\`.`,
  explanation:
    'An expression begins with `${{` and ends with `}}`. With single braces it is text like any other, as shells and templates of other programs write it.',
  wrong:
    'inputs: { user: { type: string } }\nsteps:\n  - uses: entra.getUser\n    with:\n      user: ${inputs.user}',
  right:
    'inputs: { user: { type: string } }\nsteps:\n  - uses: entra.getUser\n    with:\n      user: ${{ inputs.user }}',
});

export const cutByComment = define<{ rest: string }>({
  code: 'CS1020',
  severity: 'warning',
  title: 'Text that a comment cuts',
  message: ({ rest }) =>
    `YAML takes \`${rest}\` for a comment and leaves it out. If it belongs to the text, put the text in quotes; if it is a comment, put a space behind the #.`,
  explanation: 'A # after a space begins a comment, unless the text is in quotes.',
  wrong: 'title: Order laptop #2',
  right: 'title: "Order laptop #2"',
});
