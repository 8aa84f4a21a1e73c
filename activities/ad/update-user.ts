import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import { looksAt } from './account.ts';
import { problemOf, refusalOf } from './checks.ts';
import type { AdClient } from './client.ts';
import type { Directory, Edit } from './directory.ts';
import type { Entry } from './entry.ts';
import * as fields from './fields.ts';
import { find, nameOf } from './find.ts';
import { isSameDn } from './names.ts';

const input = Type.Object(
  {
    user: fields.user,
    set: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: 'What these attributes shall be, by their names in the schema, such as department.',
      }),
    ),
    clear: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), { description: 'Attributes that shall have no value.' }),
    ),
    manager: Type.Optional(
      Type.String({ minLength: 1, description: 'Sign-in name, account name or object id of the manager.' }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  id: fields.id,
  name: Type.String({ description: 'What the person signs in with.' }),
  changed: Type.Array(Type.String(), { description: 'Attributes that this step changed.' }),
  before: Type.Record(Type.String(), Type.String(), {
    description: 'What those had before, to set them back with `set`.',
  }),
  wereEmpty: Type.Array(Type.String(), {
    description: 'Those that had no value before, to take them away again with `clear`.',
  }),
  managerBefore: Type.Optional(
    Type.String({ description: 'Distinguished name of the manager before, where that was changed.' }),
  ),
});

type Input = Static<typeof input>;

interface State {
  id: string;
  dn: string;
  name: string;
  /** Of every attribute that is asked for. */
  values: Record<string, string[]>;
  /** Distinguished name of who shall be the manager; empty for nobody that the directory shows. */
  manager?: string;
}

export const updateUser = defineAction({
  name: 'ad.updateUser',
  title: 'Change what is known of a person',
  description:
    'Sets attributes of a person and takes others away, all at once, and sets the manager. What gives access, and what another action does, cannot be set so. Attributes with several values are left to people.',
  effect: 'write',
  source: 'MS-ADTS: Modify Operation',
  input,
  output,
  undo: 'ad.updateUser',
  examples: [
    {
      title: 'A move to another department',
      with: {
        user: 'a.lee@corp.example.com',
        set: { department: 'Sales', title: 'Account manager' },
        clear: ['info'],
      },
    },
  ],

  ...ensure<Input, AdClient, State, Static<typeof output>>({
    ...lookups(),
    isDone: (state, input) => differing(state, input).length === 0,
    problem: (state, input) => problems(state, input)[0],
    change: (state, input, { client }) =>
      client.session((directory) => directory.modify(state.dn, editsOf(state, input))),
    output: ({ before, now }, input) => {
      const changed = differing(before, input);
      const plain = changed.filter((name) => name !== 'manager');
      const had = plain.flatMap((name) => {
        const value = before.values[name]?.[0];
        return value === undefined ? [] : [[name, value] as const];
      });
      return {
        id: now.id,
        name: now.name,
        changed,
        before: Object.fromEntries(had),
        wereEmpty: plain.filter((name) => (before.values[name] ?? []).length === 0),
        ...defined({ managerBefore: changed.includes('manager') ? before.values.manager?.[0] : undefined }),
      };
    },
    words: {
      done: ({ name }) => `${name} has all of it already`,
      would: (state, input) =>
        state === undefined
          ? `would change ${input.user} once the account is there`
          : `would change ${state.name}: ${differing(state, input)
              .map((name) => inWords(name, state, input))
              .join(', ')}`,
    },
  }),
});

function lookups() {
  const asked = (input: Input) => [...wantedOf(input).keys(), 'manager'];
  const stateOf = async (entry: Entry, input: Input, directory: Directory): Promise<State> => {
    const full = await directory.read(entry.dn, asked(input));
    const manager = input.manager === undefined ? undefined : await find(directory, 'user', input.manager);
    return {
      id: entry.id,
      dn: entry.dn,
      name: nameOf(entry),
      values: Object.fromEntries(asked(input).map((name) => [name, full?.texts(name) ?? []])),
      ...defined({ manager: input.manager === undefined ? undefined : (manager?.dn ?? '') }),
    };
  };
  return looksAt<Input, State>('user', ({ user }) => user, [], stateOf);
}

/** Undefined for what shall have no value. */
function wantedOf({ set = {}, clear = [] }: Input): Map<string, string | undefined> {
  return new Map([...Object.entries(set), ...clear.map((name) => [name, undefined] as const)]);
}

function differing(state: State, input: Input): string[] {
  const plain = [...wantedOf(input)].filter(([name, value]) => {
    const now = state.values[name] ?? [];
    return value === undefined ? now.length > 0 : now.length !== 1 || now[0] !== value;
  });
  const [manager = ''] = state.values.manager ?? [];
  const managerDiffers = state.manager !== undefined && !isSameDn(state.manager, manager);
  return [...plain.map(([name]) => name), ...(managerDiffers ? ['manager'] : [])];
}

function problems(state: State, input: Input): string[] {
  const found = [...wantedOf(input)].map(([name, value]) => {
    const several = (state.values[name] ?? []).length > 1;
    return (
      refusalOf(name) ??
      (value === undefined ? undefined : problemOf(name, value)) ??
      (several
        ? `${name} of ${state.name} has several values, which this action would not keep. Change it by hand.`
        : undefined)
    );
  });
  const nobody =
    state.manager === '' ? `Active Directory has no user ${input.manager} to be the manager.` : undefined;
  return [...found, nobody].filter((problem) => problem !== undefined);
}

function editsOf(state: State, input: Input): Edit[] {
  const wanted = wantedOf(input);
  return differing(state, input).map((attribute) => {
    const value =
      attribute === 'manager' && state.manager !== undefined ? state.manager : wanted.get(attribute);
    return { operation: 'replace', attribute, values: value === undefined ? [] : [value] };
  });
}

function inWords(name: string, state: State, input: Input): string {
  const before = state.values[name]?.[0];
  const after = name === 'manager' ? state.manager : wantedOf(input).get(name);
  return `${name} from ${before === undefined ? 'nothing' : JSON.stringify(before)} to ${after === undefined ? 'nothing' : JSON.stringify(after)}`;
}
