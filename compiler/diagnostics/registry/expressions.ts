/** CS13xx: what stands between `${{` and `}}`. */
import { define, listOf } from '../diagnostic.ts';

export const unclosedExpression = define({
  code: 'CS1301',
  title: 'An expression without its end',
  message: () => 'This expression is not closed. It must end with `}}`.',
  explanation:
    'An expression begins with `${{` and ends with `}}` in the same value. In a long text, write `$${{` for the characters themselves.',
  wrong: 'inputs: { name: { type: string } }\nunique: ${{ inputs.name }',
  right: 'inputs: { name: { type: string } }\nunique: ${{ inputs.name }}',
});

export const emptyExpression = define({
  code: 'CS1302',
  title: 'An empty expression',
  message: () =>
    'Nothing stands between `${{` and `}}`. Write what the value is, for example `${{ inputs.name }}`.',
  explanation: 'An expression must give a value.',
  wrong: 'unique: ${{ }}',
  right: 'inputs: { name: { type: string } }\nunique: ${{ inputs.name }}',
});

export const expressionSyntax = define<{ what: string }>({
  code: 'CS1303',
  title: 'The expression cannot be read',
  message: ({ what }) => `This expression cannot be read: ${what}`,
  explanation:
    'Expressions are written in CEL: `a == b`, `a && b`, `a || b`, `!a`, `a ? b : c`, `"text"`, `[1, 2]`, `size(a)`. Text stands in quotes.',
  wrong: 'inputs: { name: { type: string } }\nunique: ${{ inputs.name = "x" }}',
  right: 'inputs: { name: { type: string } }\nunique: ${{ inputs.name + "x" }}',
});

export const unknownName = define<{ name: string; known: string[] }>({
  code: 'CS1304',
  title: 'Unknown name',
  message: ({ name, known }) =>
    `There is no \`${name}\` here. Known are ${listOf(known)}. If it is text, put it in quotes: "${name}".`,
  explanation:
    'An expression begins with `inputs`, `steps`, `ticket`, `run`, `organisation`, a name from `let`, or the `as` name of a forEach around it.',
  wrong: 'inputs: { name: { type: string } }\nunique: ${{ input.name }}',
  right: 'inputs: { name: { type: string } }\nunique: ${{ inputs.name }}',
});

export const unknownField = define<{ field: string; of: string; known: string[] }>({
  code: 'CS1305',
  title: 'Unknown field',
  message: ({ field, of, known }) =>
    known.length === 0
      ? `\`${of}\` has no \`${field}\`; it has nothing in it.`
      : `\`${of}\` has no \`${field}\`. It has ${listOf(known)}.`,
  explanation: 'Inputs are those declared under `inputs`; what an action gives stands in its reference page.',
  wrong: 'inputs: { name: { type: string } }\nunique: ${{ inputs.nmae }}',
  right: 'inputs: { name: { type: string } }\nunique: ${{ inputs.name }}',
});

export const noFields = define<{ field: string; of: string; is: string }>({
  code: 'CS1306',
  title: 'A field of something that has none',
  message: ({ field, of, is }) =>
    is.startsWith('a list')
      ? `\`${of}\` is ${is}: it has items, not a field \`${field}\`. Take one item with \`${of}[0]\`, or the field of each with \`${of}.map(x, x.${field})\`.`
      : `\`${of}\` is ${is} and has no field \`${field}\`.`,
  explanation: 'Only objects have fields. A list has items, counted from 0.',
  wrong: 'inputs: { name: { type: string } }\nunique: ${{ inputs.name.first }}',
  right: 'inputs: { name: { type: string } }\nunique: ${{ inputs.name }}',
});

export const wrongIndex = define<{ of: string; is: string; index: string }>({
  code: 'CS1307',
  title: 'A wrong index',
  message: ({ of, is, index }) =>
    `\`${of}\` is ${is}, and ${index} cannot stand in its brackets. Lists take a whole number from 0, objects the name of a field in quotes.`,
  explanation: 'Square brackets take one item of a list, or one field of an object.',
  wrong: 'inputs: { names: { type: array, items: { type: string } } }\nunique: ${{ inputs.names["first"] }}',
  right: 'inputs: { names: { type: array, items: { type: string } } }\nunique: ${{ inputs.names[0] }}',
});

export const mayBeAbsent = define<{ text: string; why?: string | undefined; fallback: string }>({
  code: 'CS1308',
  title: 'A value that may be absent',
  message: ({ text, why, fallback }) =>
    `\`${text}\` may be absent${why ? `: ${why}` : ''}. Say what to use then: \`${text}.orValue(${fallback})\`.`,
  explanation:
    "An input with `optional: true`, an output that is not always there, or a step that may have been skipped may leave no value. `orValue` gives another; `has(…)` in the step's `if` makes sure that there is one.",
  wrong: 'inputs: { phone: { type: string, optional: true } }\nunique: ${{ "x" + inputs.phone }}',
  right: 'inputs: { phone: { type: string, optional: true } }\nunique: ${{ "x" + inputs.phone.orValue("") }}',
});

export const neverAbsent = define<{ text: string; method: string; anything: boolean }>({
  code: 'CS1309',
  title: 'A value that is never absent',
  message: ({ text, method, anything }) =>
    anything
      ? `Nothing is known of \`${text}\` before the run, so it has no \`.${method}\`. Write \`default(${text}, …)\`.`
      : `\`${text}\` is always there. Remove \`.${method}(…)\`.`,
  explanation: '`orValue`, `or` and `hasValue` are for values that may be absent.',
  wrong: 'inputs: { name: { type: string } }\nunique: ${{ inputs.name.orValue("x") }}',
  right: 'inputs: { name: { type: string } }\nunique: ${{ inputs.name }}',
});

export const sealedUsed = define<{ text: string }>({
  code: 'CS1310',
  title: 'A sealed value is looked into',
  message: ({ text }) =>
    `\`${text}\` is sealed: nothing may be computed with it. Pass it on whole, \`\${{ ${text} }}\`, or inside a text, in the \`with\` of an action.`,
  explanation:
    'A temporary password and other sensitive values pass from step to step without being shown anywhere. Only the action that needs one opens it.',
  wrong:
    'inputs: { pin: { type: string, sensitive: true } }\nsteps:\n  - uses: mail.send\n    with: { to: a@example.com, subject: Pin, text: "${{ upper(inputs.pin) }}" }',
  right:
    'inputs: { pin: { type: string, sensitive: true } }\nsteps:\n  - uses: mail.send\n    with: { to: a@example.com, subject: Pin, text: "Your pin: ${{ inputs.pin }}" }',
});

export const sealedHere = define<{ text: string; where: string }>({
  code: 'CS1311',
  title: 'A sealed value where it would be shown',
  message: ({ text, where }) =>
    `\`${text}\` is sealed and cannot stand in ${where}, where people would see it. It may stand in the \`with\` of an action.`,
  explanation:
    'Sealed values go into actions only, or into inputs of another runbook that are `sensitive: true`.',
  wrong: 'inputs: { pin: { type: string, sensitive: true } }\noutputs:\n  pin: ${{ inputs.pin }}',
  right: 'inputs: { pin: { type: string } }\noutputs:\n  pin: ${{ inputs.pin }}',
});

export const operatorTypes = define<{
  operator: string;
  left: string;
  right: string;
  hint?: string | undefined;
}>({
  code: 'CS1312',
  title: 'An operator between types that do not fit',
  message: ({ operator, left, right, hint }) =>
    `\`${operator}\` cannot stand between ${left} and ${right}.${hint ? ` ${hint}` : ''}`,
  explanation:
    '`+` adds numbers, joins texts and joins lists, but never mixes them: `string(x)` makes text of a number, `int(x)` a whole number of text.',
  wrong: 'inputs: { name: { type: string } }\nunique: ${{ inputs.name + 1 }}',
  right: 'inputs: { name: { type: string } }\nunique: ${{ inputs.name + "1" }}',
});

export const neverEqual = define<{ left: string; right: string; hint?: string | undefined }>({
  code: 'CS1313',
  title: 'A comparison that is always the same',
  message: ({ left, right, hint }) => `${left} and ${right} are never equal.${hint ? ` ${hint}` : ''}`,
  explanation:
    'A comparison that cannot be true is a slip: a wrong spelling, or a number compared with text.',
  wrong:
    'inputs: { scope: { enum: [all, some] } }\nsteps:\n  - uses: entra.getUser\n    if: inputs.scope == "none"\n    with: { user: a@example.com }',
  right:
    'inputs: { scope: { enum: [all, some] } }\nsteps:\n  - uses: entra.getUser\n    if: inputs.scope == "some"\n    with: { user: a@example.com }',
});

export const notTrueOrFalse = define<{ text: string; is: string }>({
  code: 'CS1314',
  title: 'Not true or false',
  message: ({ text, is }) =>
    `\`${text}\` is ${is}, where true or false is needed. Compare it with something, for example \`${text} == …\`.`,
  explanation:
    'Conditions, `!`, `&&`, `||` and `? :` need true or false. An empty text or 0 does not count as false.',
  wrong:
    'inputs: { name: { type: string } }\nsteps:\n  - uses: entra.getUser\n    if: inputs.name\n    with: { user: a@example.com }',
  right:
    'inputs: { name: { type: string } }\nsteps:\n  - uses: entra.getUser\n    if: inputs.name != ""\n    with: { user: a@example.com }',
});

export const differentBranches = define<{ left: string; right: string }>({
  code: 'CS1315',
  title: 'Two alternatives of different types',
  message: ({ left, right }) =>
    `What stands before and behind the \`:\` must be of one type; here they are ${left} and ${right}.`,
  explanation: 'The field that the value goes into takes one type, so both alternatives must have it.',
  wrong: 'inputs: { name: { type: string } }\nunique: \'${{ inputs.name == "" ? "x" : 1 }}\'',
  right: 'inputs: { name: { type: string } }\nunique: \'${{ inputs.name == "" ? "x" : "1" }}\'',
});

export const unknownFunction = define<{
  name: string;
  method: boolean;
  other?: string | undefined;
  refused?: string | undefined;
}>({
  code: 'CS1316',
  title: 'Unknown function',
  message: ({ name, method, other, refused }) =>
    refused
      ? `\`${name}\` is not available: ${refused}`
      : other
        ? `\`${name}\` is written ${method ? 'as a function' : 'behind its value'}: \`${other}\`.`
        : `There is no function \`${name}\`.`,
  explanation:
    'The functions that expressions may use stand in the language reference, each with an example.',
  wrong: 'inputs: { name: { type: string } }\nunique: ${{ lowercase(inputs.name) }}',
  right: 'inputs: { name: { type: string } }\nunique: ${{ lower(inputs.name) }}',
});

export const wrongArguments = define<{ name: string; got: string; signatures: string[] }>({
  code: 'CS1317',
  title: 'A function gets what it cannot use',
  message: ({ name, got, signatures }) =>
    `\`${name}\` gets ${got}. It takes ${signatures.map((signature) => `\`${signature}\``).join(' or ')}.`,
  explanation: 'Each function takes values of certain types in a certain order.',
  wrong: 'inputs: { count: { type: integer } }\nunique: ${{ lower(inputs.count) }}',
  right: 'inputs: { count: { type: integer } }\nunique: ${{ lower(string(inputs.count)) }}',
});

export const wrongLoop = define<{ what: string }>({
  code: 'CS1318',
  title: 'A loop that cannot be read',
  message: ({ what }) => what,
  explanation:
    '`list.all(x, condition)`, `exists`, `exists_one`, `filter(x, condition)`, `map(x, value)`, `sortBy(x, key)` and `groupBy(x, key)` name each item of the list in turn. `groupBy` gives `{ key, items }` for each key.',
  wrong:
    'inputs: { names: { type: array, items: { type: string } } }\nunique: ${{ join(inputs.names.map(inputs, "x")) }}',
  right:
    'inputs: { names: { type: array, items: { type: string } } }\nunique: ${{ join(inputs.names.map(name, lower(name))) }}',
});

export const keyWithoutQuotes = define<{ key: string }>({
  code: 'CS1319',
  title: 'A key without quotes',
  message: ({ key }) => `Inside an expression the keys of { } stand in quotes: \`"${key}": …\`.`,
  explanation: 'Without quotes CEL takes the key for a name to look up.',
  wrong: 'unique: "${{ toJson({a: 1}) }}"',
  right: 'unique: \'${{ toJson({"a": 1}) }}\'',
});

export const dateWithoutQuotes = define<{ text: string }>({
  code: 'CS1320',
  title: 'A date without quotes',
  message: ({ text }) => `\`${text}\` is a subtraction here. A date stands in quotes: \`"${text}"\`.`,
  explanation: 'Dates are text of the form "2026-01-31". They compare in the right order as text.',
  wrong:
    'inputs: { start: { type: string, format: date } }\nsteps:\n  - uses: entra.getUser\n    if: inputs.start < 2026-01-31\n    with: { user: a@example.com }',
  right:
    'inputs: { start: { type: string, format: date } }\nsteps:\n  - uses: entra.getUser\n    if: inputs.start < "2026-01-31"\n    with: { user: a@example.com }',
});

export const wrongType = define<{
  text: string;
  is: string;
  where: string;
  takes: string;
  hint?: string | undefined;
}>({
  code: 'CS1321',
  title: 'A value of the wrong type',
  message: ({ text, is, where, takes, hint }) =>
    `\`${text}\` is ${is}, and ${where} takes ${takes}.${hint ? ` ${hint}` : ''}`,
  explanation: 'What an expression gives must fit the field that it stands in.',
  wrong:
    'inputs: { count: { type: integer } }\nsteps:\n  - uses: entra.getUser\n    with:\n      user: ${{ inputs.count }}',
  right:
    'inputs: { count: { type: integer } }\nsteps:\n  - uses: entra.getUser\n    with:\n      user: ${{ string(inputs.count) }}',
});

export const notInText = define<{ text: string; is: string; hint: string }>({
  code: 'CS1322',
  title: 'A value that cannot stand in text',
  message: ({ text, is, hint }) => `\`${text}\` is ${is}, which cannot stand in the middle of text. ${hint}`,
  explanation:
    'Text, numbers, true and false can stand in text. `join(list, ", ")` makes text of a list, `toJson(x)` of anything.',
  wrong: 'inputs: { names: { type: array, items: { type: string } } }\nunique: "names: ${{ inputs.names }}"',
  right:
    'inputs: { names: { type: array, items: { type: string } } }\nunique: "names: ${{ join(inputs.names, \', \') }}"',
});

export const secretHere = define<{ name: string }>({
  code: 'CS1323',
  title: 'A secret in the wrong place',
  message: ({ name }) =>
    `A secret can only stand in a field in the \`with\` of an action, as \`\${{ secrets.${name} }}\`: by itself or within text, such as \`Bearer \${{ secrets.${name} }}\`. Nothing can be computed with it.`,
  explanation:
    'A secret never enters a run: the action that uses it looks it up. So nothing can be computed with it.',
  wrong: 'unique: ${{ secrets.token }}',
  right: 'inputs: { name: { type: string } }\nunique: ${{ inputs.name }}',
});

export const onlyExpression = define<{ text: string }>({
  code: 'CS1324',
  title: 'An expression that is no single expression',
  message: ({ text }) =>
    `Here one expression must stand alone, and "${text}" has text around it. Leave out the braces or the text.`,
  explanation:
    'In `if`, `until`, `forEach` and `let` the value is an expression; its braces may be left out.',
  wrong: 'steps:\n  - uses: entra.getUser\n    if: ${{ true }} and more\n    with: { user: a@example.com }',
  right: 'steps:\n  - uses: entra.getUser\n    if: ${{ true }}\n    with: { user: a@example.com }',
});

export const tooLong = define({
  code: 'CS1325',
  title: 'An expression that grows too large',
  message: () =>
    'With the names from `let` written out, this expression is longer than 20,000 characters. Make it simpler.',
  explanation:
    'Names from `let` are written out where they are used. Names that use others several times grow fast.',
  wrong: `let:\n${'abcdefghijklmnop'
    .split('')
    .map(
      (name, index) =>
        `  ${name}: '${
          index === 0
            ? '"0123456789"'
            : Array(4)
                .fill('abcdefghijklmnop'[index - 1])
                .join(' + ')
        }'`,
    )
    .join('\n')}\nunique: \${{ p }}`,
  right: 'let:\n  a: \'"0123456789"\'\nunique: ${{ a }}',
});

export const valueUnlike = define<{ text: string; why: string }>({
  code: 'CS1326',
  title: 'A value of a kind that runbooks do not have',
  message: ({ text, why }) => `\`${text}\` cannot be used: ${why}`,
  explanation:
    'CEL also has bytes and numbers without a sign. JSON has neither, and all values of a runbook come from JSON and go there. Whole numbers have 64 bits.',
  wrong: 'unique: ${{ string(12u) }}',
  right: 'unique: ${{ string(12) }}',
});
