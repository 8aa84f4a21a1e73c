import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { AdClient } from './client.ts';
import { container } from './linking.ts';
import { plainName } from './names.ts';
import { linkedTo, policyNames } from './policy-links.ts';

const link = Type.Object({
  policy: Type.String({ description: 'Distinguished name of the policy.' }),
  name: Type.String({ description: 'Its name, or its id where the policy itself is gone.' }),
  position: Type.Integer({ description: 'Its place from 1. The first wins over those after it.' }),
  enabled: Type.Boolean({ description: 'Whether it counts here.' }),
  enforced: Type.Boolean({ description: 'Whether no unit below can block it.' }),
});

const output = Type.Object({
  links: Type.Array(link, { description: 'The policies in their order.' }),
  names: Type.Array(Type.String(), { description: 'Their names, in the same order.' }),
});

export const listPolicyLinks = defineAction({
  name: 'ad.listPolicyLinks',
  title: 'List the group policies of a unit',
  description:
    'Lists which group policies are linked to an organisational unit or the domain, in their order. What comes from the units above is not among them.',
  effect: 'read',
  source: 'MS-GPOL: gPLink',
  input: Type.Object({ container }, { additionalProperties: false }),
  output,
  examples: [{ title: 'Of a unit', with: { container: 'OU=Sales,DC=corp,DC=example,DC=com' } }],

  run: (input, { client }: ActionContext<AdClient>) =>
    client.session(async (directory) => {
      const linked = await linkedTo(directory, input.container);
      const names = await policyNames(directory);
      const links = linked.links.map((each, at) => ({
        ...each,
        name: names.get(each.policy.toLowerCase()) ?? plainName(each.policy),
        position: at + 1,
      }));
      return { links, names: links.map(({ name }) => name) };
    }),
});
