import { type Static, Type } from 'typebox';
import type { Contract, RegisteredContract } from '../../plan/register.ts';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import { actorOf, type RegisterClient } from './client.ts';
import { contractFields, contractNumber } from './fields.ts';

const input = Type.Object({ number: contractNumber, ...contractFields }, { additionalProperties: false });

const output = Type.Object({
  changed: Type.Boolean({ description: 'Whether this step did it, over all its attempts.' }),
});

type Input = Static<typeof input>;

interface State {
  there: RegisteredContract | null;
}

export const putContract = defineAction({
  name: 'register.putContract',
  title: 'Enter a contract or subscription',
  description:
    'Adds a contract to the register, or changes what is given of one, such as its new end. What is not given stays.',
  effect: 'write',
  source: 'The register of Countersign',
  input,
  output,
  examples: [
    {
      title: 'A subscription',
      with: {
        number: 'C-021',
        vendor: 'Example Software',
        kind: 'subscription',
        what: 'CAD, 50 seats',
        owner: 'noor.haddad@example.com',
        endsOn: '2027-06-30',
        noticeBy: '2027-03-31',
        yearly: 42000,
      },
    },
  ],

  ...ensure<Input, RegisterClient, State, Static<typeof output>>({
    look: async ({ number }, { client }) => ({
      there: (await client.ask((register) => register.contractBy(number))) ?? null,
    }),
    isDone: ({ there }, { number: _, ...given }) =>
      there !== null &&
      Object.entries(given).every(([field, value]) => there[field as keyof Contract] === value),
    change: ({ there }, contract, { client, run }) => {
      const kind = contract.kind ?? there?.kind ?? 'contract';
      return client.ask((register) => register.putContract({ ...contract, kind }, actorOf(run)));
    },
    output: ({ did }) => ({ changed: did }),
    words: {
      done: (_, { number }) => `${number} is in the register so`,
      would: (state, { number, vendor }) =>
        state?.there ? `would change the contract ${number}` : `would add ${number} with ${vendor}`,
    },
  }),
});
