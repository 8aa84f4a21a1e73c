/** A configured command line with places for values. Whatever a value holds, it stays one word of the command. */
import { PermanentFailure } from '../kit/failures.ts';

type Part = { text: string } | { name: string; startsWord: boolean };

export type Values = Record<string, string | number | boolean>;

/** `{name}`, but no `${name}`, which is the shell's. */
const place = /(?<!\$)\{([a-z][A-Za-z0-9_]*)\}/g;

export class Template {
  private readonly command: string;
  private readonly parts: Part[];

  /** Throws where a value could not be kept one word: in quotes, in backquotes, in a here-document. */
  constructor(command: string, run: string) {
    this.command = command;
    this.parts = partsOf(run);
    const problem = problemOf(run);
    if (problem)
      throw new PermanentFailure(
        `The command ${command} under connectors: ssh: commands: in countersign.yaml cannot be run safely: ${problem}`,
      );
  }

  names(): string[] {
    return [...new Set(this.parts.flatMap((part) => ('name' in part ? [part.name] : [])))];
  }

  /** The command line. `values` must have exactly the names in it. */
  filled(values: Values): string {
    const names = this.names();
    for (const name of names)
      if (!Object.hasOwn(values, name))
        throw new PermanentFailure(`The command ${this.command} needs \`with.${name}\`.`);
    const unknown = Object.keys(values).find((name) => !names.includes(name));
    if (unknown !== undefined)
      throw new PermanentFailure(
        `The command ${this.command} has no place for \`with.${unknown}\`. ${names.length > 0 ? `It has: ${names.join(', ')}.` : 'It has none.'}`,
      );
    let line = '';
    let written = '';
    for (const part of this.parts) {
      if ('text' in part) written += part.text;
      line += 'text' in part ? part.text : this.word(part, values, written);
    }
    return line;
  }

  private word(
    { name, startsWord }: { name: string; startsWord: boolean },
    values: Values,
    /** The command's own text before it; what other values hold means nothing. */
    before: string,
  ): string {
    const value = String(values[name]);
    // A line break would end a comment, and no shell passes on a zero byte.
    if (/\p{Cc}/u.test(value))
      throw new PermanentFailure(`\`with.${name}\` must be one line without control characters.`);
    // What begins so is an option of the program, unless a "--" before it says that there are no more.
    if (startsWord && value.startsWith('-') && !/\s--\s[^;|&()\n]*$/.test(before))
      throw new PermanentFailure(
        `\`with.${name}\` begins with a hyphen, which the command ${this.command} could take for an option. Where that is meant, put \`--\` before {${name}} in its \`run\`.`,
      );
    return quoted(value);
  }
}

/**
 * One word for the shell. In single quotes nothing has a meaning but the single quote itself; it and the backslash, which
 * some shells read there too, stand outside.
 */
export function quoted(value: string): string {
  if (value === '') return "''";
  return (value.match(/[^'\\]+|['\\]/g) ?? [])
    .map((part) => (part === "'" || part === '\\' ? `\\${part}` : `'${part}'`))
    .join('');
}

function partsOf(run: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of run.matchAll(place)) {
    parts.push({ text: run.slice(end, match.index) });
    const before = run[match.index - 1] ?? '';
    parts.push({ name: match[1] ?? '', startsWord: before === '' || /[\s;|&(}]/.test(before) });
    end = match.index + match[0].length;
  }
  return [...parts, { text: run.slice(end) }];
}

/** Why a value could get out of its place. Rather too strict: there is always another way to write the command. */
function problemOf(run: string): string | undefined {
  const places = [...run.matchAll(place)];
  if (places.length === 0) return undefined;
  for (const [form, advice] of unclear)
    if (form.test(run)) return `with a place for a value it must do without ${advice}`;
  const inside = places.find(({ index }) => isQuoted(run.slice(0, index)));
  return (
    inside &&
    `${inside[0]} stands in quotes or after a backslash. Values are quoted by Countersign: put it outside.`
  );
}

/** In these, quotes mean something else, or nothing. */
const unclear: [RegExp, string][] = [
  [/`/, 'backquotes. Write $( ) instead.'],
  [/<</, '<<. Put its text into a file there.'],
  [/\$'/, "$' '. Use plain quotes."],
  [/(^|[\s;|&(])#/, 'a comment. Put it into `title`.'],
  // These compute, and what they compute with may hold a command.
  [/\(\(/, '(( )). Use expr instead.'],
  [/\[\[/, '[[ ]]. Use [ ] instead.'],
  [/(^|[\s;|&(])(eval|let|declare|typeset)\s/, 'eval, let, declare and typeset.'],
];

/** Whether what follows this beginning of a command line is within quotes, or may be. */
function isQuoted(before: string): boolean {
  let quote: string | undefined;
  for (let index = 0; index < before.length; index++) {
    const character = before[index];
    if (character === '\\' && quote !== "'") {
      if (index === before.length - 1) return true;
      index++;
    } else if (quote === '"' && /^\$[({]/.test(before.slice(index))) {
      // Quotes begin anew in there.
      return true;
    } else if (quote) {
      if (character === quote) quote = undefined;
    } else if (character === "'" || character === '"') quote = character;
  }
  return quote !== undefined;
}
