import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { container, ensureLinks, inserted, policy, position } from './linking.ts';
import { indexOf } from './policy-links.ts';

const input = Type.Object(
  {
    container,
    policy,
    position: position(
      'Its place from 1, which wins. Unsaid, the last. Of one that is linked already, the place stays.',
    ),
    enabled: Type.Optional(
      Type.Boolean({ description: 'Whether it counts at once. Yes, unless said otherwise.' }),
    ),
    enforced: Type.Optional(
      Type.Boolean({ description: 'Whether no unit below can block it. No, unless said otherwise.' }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  policy: Type.String({ description: 'Distinguished name of the policy.' }),
  linked: Type.Boolean({ description: 'True when this step linked it, false when it was linked already.' }),
});

export const linkPolicy = defineAction({
  name: 'ad.linkPolicy',
  title: 'Link a group policy',
  description:
    'Links a group policy to an organisational unit or the domain, so that it counts there and below. One that is linked already stays as it is: change it by what sets a link. A preview shows the links before and after.',
  effect: 'write',
  source: 'MS-GPOL: gPLink',
  input,
  output,
  undo: 'ad.unlinkPolicy',
  examples: [
    {
      title: 'For a unit',
      with: { container: 'OU=Sales,DC=corp,DC=example,DC=com', policy: 'Screen lock', position: 1 },
    },
  ],

  ...ensureLinks<Static<typeof input>, Static<typeof output>>({
    after: (state, { position = state.links.length + 1, enabled = true, enforced = false }) =>
      indexOf(state, state.policy) >= 0
        ? state.links
        : inserted(state.links, { policy: state.policy.dn, enabled, enforced }, position),
    output: ({ did, now }) => ({ policy: now.policy.dn, linked: did }),
    done: (state) => `${state.policy.name} is linked to ${state.container} already`,
  }),
});
