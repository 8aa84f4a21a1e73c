import { type Static, Type } from 'typebox';
import type { RegisteredContract } from '../../plan/register.ts';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import { actorOf, type RegisterClient } from './client.ts';
import { contractNumber } from './fields.ts';
import { noContract } from './record-notice.ts';

const input = Type.Object({ number: contractNumber }, { additionalProperties: false });

const output = Type.Object({
  withdrawn: Type.Boolean({ description: 'Whether this step did it, over all its attempts.' }),
});

export const withdrawNotice = defineAction({
  name: 'register.withdrawNotice',
  title: 'Record that notice was taken back',
  description: 'Takes back in the register that notice of a contract was given.',
  effect: 'write',
  source: 'The register of Countersign',
  input,
  output,
  examples: [{ title: 'The vendor agreed to go on', with: { number: 'C-021' } }],

  ...ensure<Static<typeof input>, RegisterClient, RegisteredContract, Static<typeof output>>({
    look: ({ number }, { client }) => client.ask((register) => register.contractBy(number)),
    need: async ({ number }, { client }) =>
      client.ask(async (register) => {
        const found = await register.contractBy(number);
        return found ?? Promise.reject(noContract(number));
      }),
    isDone: ({ noticeGivenOn }) => noticeGivenOn === undefined,
    change: (_, { number }, { client, run }) =>
      client.ask((register) => register.putNotice(number, null, actorOf(run))),
    output: ({ did }) => ({ withdrawn: did }),
    words: {
      done: (_, { number }) => `no notice of ${number} is recorded`,
      would: (_, { number }) => `would take back that notice of ${number} was given`,
      warnings: (state, { number }) => (state ? undefined : [noContract(number).message]),
    },
  }),
});
