/** Does a value of this type fit what a field takes? Undefined when it does, else how to make it fit. */
import { defined } from '../../plan/defined.ts';
import { comparable, isNumeric, nameOf, type Type } from './types.ts';

export interface Misfit {
  takes: string;
  hint?: string | undefined;
}

/** What differs, and in which part of the value: none in its path where it is the value itself. */
interface Difference {
  path: string[];
  is: string;
  takes: string;
  hint?: string;
  /** The values that the field does not take. */
  canBe?: string;
  /** The last of the path is not there. */
  lacks?: true;
}

/** In a path: each item of a list. */
const items = '[]';

/** `text` is the expression's own, for hints. Sealed values count by what is inside: where they may go is checked elsewhere. */
export function misfitOf(given: Type, wanted: Type, text: string): Misfit | undefined {
  const found = differenceOf(given, wanted, text);
  if (!found) return undefined;
  return { takes: nameOf(wanted), ...defined({ hint: hintOf(found) }) };
}

function hintOf({ path, is, takes, hint, canBe, lacks }: Difference): string | undefined {
  const [first] = path;
  if (lacks)
    return first === items
      ? `Its items lack \`${placeIn(path.slice(1))}\`.`
      : `It lacks \`${placeIn(path)}\`.`;
  const part = partOf(path);
  if (canBe !== undefined) return `${part} can be ${canBe}.`;
  if (first === undefined) return hint;
  // Of plain items the message has said it already.
  return path.every((each) => each === items) ? undefined : `${part} is ${is}, not ${takes}.`;
}

function partOf([first, ...rest]: readonly string[]): string {
  if (first === undefined) return 'It';
  if (first !== items) return `Its \`${placeIn([first, ...rest])}\``;
  return rest.length === 0 ? 'Each of its items' : `In its items \`${placeIn(rest)}\``;
}

/** `owner.mails[].at` */
function placeIn(path: readonly string[]): string {
  return path.reduce((before, each) => (each === items || !before ? before + each : `${before}.${each}`), '');
}

function differenceOf(given: Type, wanted: Type, text: string): Difference | undefined {
  if (given.kind === 'sealed') return differenceOf(given.of, wanted, text);
  if (given.kind === 'dyn' || given.kind === 'never' || given.kind === 'any' || wanted.kind === 'dyn')
    return undefined;
  const itself = (hint?: string): Difference => ({
    path: [],
    is: nameOf(given),
    takes: nameOf(wanted),
    ...defined({ hint }),
  });
  switch (wanted.kind) {
    case 'string':
      return differenceOfText(given, wanted, text, itself);
    case 'int':
      if (given.kind === 'int') return undefined;
      if (given.kind === 'double' || given.kind === 'number' || given.kind === 'string')
        return itself(`Write \`int(${text})\`.`);
      return itself();
    case 'double':
    case 'number':
      if (isNumeric(given)) return undefined;
      return itself(given.kind === 'string' ? `Write \`double(${text})\`.` : undefined);
    case 'list':
      return differenceOfList(given, wanted, text, itself);
    case 'object':
      return differenceOfObject(given, wanted, itself);
    case 'map':
      return given.kind === 'map' || given.kind === 'object' ? undefined : itself();
    case 'bool':
    case 'null':
    case 'never':
    case 'optional':
    case 'sealed':
    case 'any':
      return given.kind === wanted.kind ? undefined : itself();
  }
}

/** Formats that say something quite different: a date is no e-mail address. */
const distinct = new Set(['date', 'date-time', 'email', 'uri', 'uuid', 'ipv4', 'ipv6', 'hostname', 'time']);

type Itself = (hint?: string) => Difference;

function differenceOfText(
  given: Type,
  wanted: Type & { kind: 'string' },
  text: string,
  itself: Itself,
): Difference | undefined {
  if (given.kind !== 'string') {
    if (isNumeric(given) || given.kind === 'bool') return itself(`Write \`string(${text})\`.`);
    if (given.kind === 'list')
      return itself(
        given.item.kind === 'string' || given.item.kind === 'dyn'
          ? `Take one item, \`${text}[0]\`, or make one text of all: \`join(${text}, ", ")\`.`
          : `Make text of it: \`toJson(${text})\`.`,
      );
    return itself();
  }
  if (wanted.values && given.values) {
    const wrong = given.values.filter((value) => !wanted.values?.includes(value));
    if (wrong.length > 0) return { ...itself(), canBe: wrong.map((value) => `"${value}"`).join(', ') };
  }
  const clash =
    given.format &&
    wanted.format &&
    given.format !== wanted.format &&
    distinct.has(given.format) &&
    distinct.has(wanted.format);
  return clash ? itself() : undefined;
}

function differenceOfList(
  given: Type,
  wanted: Type & { kind: 'list' },
  text: string,
  itself: Itself,
): Difference | undefined {
  if (given.kind !== 'list')
    return itself(comparable(given, wanted.item) ? `For a list of one write \`[${text}]\`.` : undefined);
  // Items that are absent are left out by the engine.
  const item = given.item.kind === 'optional' ? given.item.of : given.item;
  return within(items, differenceOf(item, wanted.item, 'x'));
}

function differenceOfObject(
  given: Type,
  wanted: Type & { kind: 'object' },
  itself: Itself,
): Difference | undefined {
  if (given.kind === 'map') return undefined;
  if (given.kind !== 'object') return itself();
  for (const [name, field] of wanted.fields) {
    const own = given.fields.get(name);
    if (!own || (own.optional && !field.optional)) {
      if (!field.optional) return { ...itself(), path: [name], lacks: true };
      continue;
    }
    const found = within(name, differenceOf(own.type, field.type, name));
    if (found) return found;
  }
  return undefined;
}

/** What is to be done about a part cannot be written where the whole stands. */
function within(part: string, found: Difference | undefined): Difference | undefined {
  if (!found) return undefined;
  const { hint: _, ...rest } = found;
  return { ...rest, path: [part, ...found.path] };
}
