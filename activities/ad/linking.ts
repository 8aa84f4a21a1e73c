/** What the actions that change which policies are linked have in common: look, compare, write. */
import { Type } from 'typebox';
import { ensure, type Outcome } from '../kit/ensure.ts';
import type { AdClient } from './client.ts';
import * as fields from './fields.ts';
import {
  inWords,
  type Link,
  type Linked,
  linkedTo,
  type Policy,
  policyCalled,
  policyNames,
  relink,
} from './policy-links.ts';

export const container = fields.container(
  'The organisational unit, or the domain, that policies are linked to',
);
export const policy = Type.String({
  minLength: 1,
  maxLength: 512,
  description: 'Name, id or distinguished name of the group policy.',
});
export const position = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, description }));

export interface State extends Linked {
  policy: Policy;
  names: [string, string][];
}

interface Wanted {
  container: string;
  policy: string;
}

interface Parts<Input extends Wanted, Output extends object> {
  /** The links as they shall be. */
  after(state: State, input: Input): Link[];
  problem?(state: State, input: Input): string | undefined;
  output(outcome: Outcome<State, void>, input: Input): Output;
  done(state: State, input: Input): string;
}

export function ensureLinks<Input extends Wanted, Output extends object>(parts: Parts<Input, Output>) {
  const differs = (state: State, input: Input) =>
    JSON.stringify(parts.after(state, input)) !== JSON.stringify(state.links);
  return ensure<Input, AdClient, State, Output>({
    look: (input, { client }) =>
      client.session(async (directory) => ({
        ...(await linkedTo(directory, input.container)),
        policy: await policyCalled(directory, input.policy),
        names: [...(await policyNames(directory))],
      })),
    isDone: (state, input) => !differs(state, input),
    ...(parts.problem ? { problem: parts.problem } : {}),
    change: (state, input, { client }) =>
      client.session((directory) => relink(directory, state, parts.after(state, input))),
    output: parts.output,
    words: {
      done: parts.done,
      would: (state, input) => {
        if (!state) return `would look at the group policies of ${input.container}`;
        const names = new Map(state.names);
        return `would change the group policies of ${state.container} from ${inWords(state.links, names)} to ${inWords(parts.after(state, input), names)}`;
      },
      lines: (state, input) => {
        const line = (link: Link) => inWords([link], new Map(state.names)).replace(/^1\. /, '');
        return { before: state.links.map(line), after: parts.after(state, input).map(line) };
      },
    },
  });
}

/** `at` counts from 1, which wins. Beyond the last: the last. */
export function inserted(links: readonly Link[], link: Link, at: number): Link[] {
  return [...links.slice(0, at - 1), link, ...links.slice(at - 1)];
}
