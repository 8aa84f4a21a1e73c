/** Does a value of this type fit what a field takes? Undefined when it does, else how to make it fit. */
import { defined } from '../../plan/defined.ts';
import { comparable, isNumeric, nameOf, type Type } from './types.ts';

export interface Misfit {
  takes: string;
  hint?: string | undefined;
}

/** `text` is the expression's own, for hints. Sealed values count by what is inside: where they may go is checked elsewhere. */
export function misfitOf(given: Type, wanted: Type, text: string): Misfit | undefined {
  if (given.kind === 'sealed') return misfitOf(given.of, wanted, text);
  if (given.kind === 'dyn' || given.kind === 'never' || given.kind === 'any' || wanted.kind === 'dyn')
    return undefined;
  const takes = nameOf(wanted);
  switch (wanted.kind) {
    case 'string':
      return misfitOfText(given, wanted, text);
    case 'int':
      if (given.kind === 'int') return undefined;
      if (given.kind === 'double' || given.kind === 'number' || given.kind === 'string')
        return { takes, hint: `Write \`int(${text})\`.` };
      return { takes };
    case 'double':
    case 'number':
      if (isNumeric(given)) return undefined;
      return {
        takes,
        ...defined({ hint: given.kind === 'string' ? `Write \`double(${text})\`.` : undefined }),
      };
    case 'list':
      return misfitOfList(given, wanted, text);
    case 'object':
      return misfitOfObject(given, wanted, text);
    case 'map':
      return given.kind === 'map' || given.kind === 'object' ? undefined : { takes };
    case 'bool':
    case 'null':
    case 'never':
    case 'optional':
    case 'sealed':
    case 'any':
      return given.kind === wanted.kind ? undefined : { takes };
  }
}

/** Formats that say something quite different: a date is no e-mail address. */
const distinct = new Set(['date', 'date-time', 'email', 'uri', 'uuid', 'ipv4', 'ipv6', 'hostname', 'time']);

function misfitOfText(given: Type, wanted: Type & { kind: 'string' }, text: string): Misfit | undefined {
  const takes = nameOf(wanted);
  if (given.kind !== 'string') {
    if (isNumeric(given) || given.kind === 'bool') return { takes, hint: `Write \`string(${text})\`.` };
    if (given.kind === 'list')
      return {
        takes,
        hint:
          given.item.kind === 'string' || given.item.kind === 'dyn'
            ? `Take one item, \`${text}[0]\`, or make one text of all: \`join(${text}, ", ")\`.`
            : `Make text of it: \`toJson(${text})\`.`,
      };
    return { takes };
  }
  if (wanted.values && given.values) {
    const wrong = given.values.filter((value) => !wanted.values?.includes(value));
    if (wrong.length > 0)
      return { takes, hint: `It can be ${wrong.map((value) => `"${value}"`).join(', ')}.` };
  }
  const clash =
    given.format &&
    wanted.format &&
    given.format !== wanted.format &&
    distinct.has(given.format) &&
    distinct.has(wanted.format);
  return clash ? { takes } : undefined;
}

function misfitOfList(given: Type, wanted: Type & { kind: 'list' }, text: string): Misfit | undefined {
  const takes = nameOf(wanted);
  if (given.kind !== 'list') {
    return {
      takes,
      ...defined({
        hint: comparable(given, wanted.item) ? `For a list of one write \`[${text}]\`.` : undefined,
      }),
    };
  }
  // Items that are absent are left out by the engine.
  const item = given.item.kind === 'optional' ? given.item.of : given.item;
  return misfitOf(item, wanted.item, 'x') ? { takes } : undefined;
}

function misfitOfObject(given: Type, wanted: Type & { kind: 'object' }, text: string): Misfit | undefined {
  const takes = nameOf(wanted);
  if (given.kind === 'map') return undefined;
  if (given.kind !== 'object') return { takes };
  for (const [name, field] of wanted.fields) {
    const own = given.fields.get(name);
    if (!own || (own.optional && !field.optional)) {
      if (!field.optional) return { takes, hint: `It lacks \`${name}\`.` };
      continue;
    }
    if (misfitOf(own.type, field.type, `${text}.${name}`))
      return { takes, hint: `Its \`${name}\` is ${nameOf(own.type)}, not ${nameOf(field.type)}.` };
  }
  return undefined;
}
