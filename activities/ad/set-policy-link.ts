import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { container, ensureLinks, inserted, policy, position, type State } from './linking.ts';
import { indexOf, type Link } from './policy-links.ts';

const input = Type.Object(
  {
    container,
    policy,
    position: position('The place that it shall have, from 1, which wins. Unsaid, it stays.'),
    enabled: Type.Optional(Type.Boolean({ description: 'Whether it shall count. Unsaid, it stays.' })),
    enforced: Type.Optional(
      Type.Boolean({ description: 'Whether no unit below shall be able to block it. Unsaid, it stays.' }),
    ),
  },
  { additionalProperties: false },
);

const before = Type.Object({
  position: Type.Integer({ description: 'Place before.' }),
  enabled: Type.Boolean({ description: 'Whether it counted before.' }),
  enforced: Type.Boolean({ description: 'Whether it was enforced before.' }),
});

const output = Type.Object({
  policy: Type.String({ description: 'Distinguished name of the policy.' }),
  changed: Type.Boolean({
    description: 'True when this step changed the link, false when it was so already.',
  }),
  before: Type.Object(before.properties, { description: 'What it was before: what its undo sets.' }),
});

type Input = Static<typeof input>;

export const setPolicyLink = defineAction({
  name: 'ad.setPolicyLink',
  title: 'Enforce, order or switch a linked group policy',
  description:
    'Changes how a group policy that is linked counts: enforced or not, enabled or not, and its place among the others. A preview shows the links before and after.',
  effect: 'write',
  source: 'MS-GPOL: gPLink',
  input,
  output,
  undo: 'ad.setPolicyLink',
  examples: [
    {
      title: 'Enforced',
      with: { container: 'OU=Sales,DC=corp,DC=example,DC=com', policy: 'Screen lock', enforced: true },
    },
  ],

  ...ensureLinks<Input, Static<typeof output>>({
    after,
    problem: (state) =>
      indexOf(state, state.policy) < 0
        ? `${state.policy.name} is not linked to ${state.container}. Link it first, by ad.linkPolicy.`
        : undefined,
    output: ({ did, before: found, now }) => {
      const at = indexOf(found, found.policy);
      const link = found.links[at];
      return {
        policy: now.policy.dn,
        changed: did,
        before: { position: at + 1, enabled: link?.enabled ?? true, enforced: link?.enforced ?? false },
      };
    },
    done: (state) => `${state.policy.name} counts so on ${state.container} already`,
  }),
});

/** One that is not linked differs in any case: `problem` says so. */
function after(state: State, { position, enabled, enforced }: Input): Link[] {
  const at = indexOf(state, state.policy);
  const link = state.links[at];
  if (!link) return [...state.links, { policy: state.policy.dn, enabled: true, enforced: false }];
  const others = state.links.filter((each) => each !== link);
  const changed = { ...link, enabled: enabled ?? link.enabled, enforced: enforced ?? link.enforced };
  return inserted(others, changed, Math.min(position ?? at + 1, state.links.length));
}
