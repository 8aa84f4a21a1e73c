import { Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { contractKinds, type RegisteredContract } from '../../plan/register.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { RegisterClient } from './client.ts';
import { contractShown, shownContract } from './fields.ts';

const day = (description: string) => Type.Optional(Type.String({ format: 'date', description }));

const input = Type.Object(
  {
    vendor: Type.Optional(Type.String({ minLength: 1, description: 'Only those with this vendor.' })),
    kind: Type.Optional(Type.Enum([...contractKinds], { description: 'Only those of this kind.' })),
    noticeFrom: day('Only those whose notice is due on this day or later.'),
    noticeBy: day('Only those whose notice is due by this day.'),
    endsFrom: day('Only those that end on this day or later.'),
    endsBy: day('Only those that end by this day.'),
    withNoticeGiven: Type.Optional(
      Type.Boolean({ default: false, description: 'Also those of which notice was given.' }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  contracts: Type.Array(shownContract, { description: 'The contracts, by their numbers.' }),
  count: Type.Integer({ description: 'How many there are.' }),
});

export const listContracts = defineAction({
  name: 'register.listContracts',
  title: 'List contracts and subscriptions',
  description:
    'Lists what the register has of contracts and subscriptions, such as those whose notice is due in a month.',
  effect: 'read',
  source: 'The register of Countersign',
  input,
  output,
  examples: [{ title: 'Whose notice is due this quarter', with: { noticeBy: '2027-03-31' } }],

  async run(query, { client }: ActionContext<RegisterClient>) {
    const found: RegisteredContract[] = [];
    let after: string | undefined;
    do {
      const page = await client.ask((register) =>
        register.listContracts({ ...defined({ ...query, after }), limit: 500 }),
      );
      found.push(...page.contracts);
      after = page.next;
    } while (after !== undefined);
    return { contracts: found.map(contractShown), count: found.length };
  },
});
