import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { defineAction } from '../kit/define-action.ts';
import { container, ensureLinks, policy } from './linking.ts';
import { indexOf } from './policy-links.ts';

const input = Type.Object({ container, policy }, { additionalProperties: false });

const output = Type.Object({
  policy: Type.String({ description: 'Distinguished name of the policy, which itself stays.' }),
  unlinked: Type.Boolean({ description: 'True when this step unlinked it, false when it was not linked.' }),
  position: Type.Optional(Type.Integer({ description: 'Place that it had before, for its undo.' })),
  enabled: Type.Optional(Type.Boolean({ description: 'Whether it counted before, for its undo.' })),
  enforced: Type.Optional(Type.Boolean({ description: 'Whether it was enforced before, for its undo.' })),
});

export const unlinkPolicy = defineAction({
  name: 'ad.unlinkPolicy',
  title: 'Unlink a group policy',
  description:
    'Takes a group policy from an organisational unit or the domain, so that it counts there no more. The policy itself stays. Its undo links it again, with the place and the options that this step gives.',
  effect: 'write',
  source: 'MS-GPOL: gPLink',
  input,
  output,
  undo: 'ad.linkPolicy',
  examples: [
    {
      title: 'From a unit',
      with: { container: 'OU=Sales,DC=corp,DC=example,DC=com', policy: 'Screen lock' },
    },
  ],

  ...ensureLinks<Static<typeof input>, Static<typeof output>>({
    after: (state) => state.links.filter((_, at) => at !== indexOf(state, state.policy)),
    output: ({ did, before, now }) => {
      const at = indexOf(before, before.policy);
      const link = before.links[at];
      return {
        policy: now.policy.dn,
        unlinked: did,
        ...defined({ position: link && at + 1, enabled: link?.enabled, enforced: link?.enforced }),
      };
    },
    done: (state) => `${state.policy.name} is not linked to ${state.container}`,
  }),
});
