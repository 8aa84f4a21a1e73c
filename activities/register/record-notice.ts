import { type Static, Type } from 'typebox';
import { RegisterConflict, type RegisteredContract } from '../../plan/register.ts';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import { actorOf, type RegisterClient } from './client.ts';
import { contractNumber } from './fields.ts';

const input = Type.Object(
  {
    number: contractNumber,
    on: Type.String({ format: 'date', description: 'Day on which it was given, or confirmed.' }),
    reference: Type.String({ minLength: 1, description: 'Where the proof of it is filed.' }),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  recorded: Type.Boolean({ description: 'Whether this step did it, over all its attempts.' }),
});

type Input = Static<typeof input>;

export const recordNotice = defineAction({
  name: 'register.recordNotice',
  title: 'Record that notice was given',
  description:
    'Enters in the register that notice of a contract was given, so that nobody is asked about it again.',
  effect: 'write',
  source: 'The register of Countersign',
  input,
  output,
  undo: 'register.withdrawNotice',
  examples: [
    {
      title: 'A confirmed notice',
      with: { number: 'C-021', on: '2027-02-10', reference: 'Contracts/C-021' },
    },
  ],

  ...ensure<Input, RegisterClient, RegisteredContract, Static<typeof output>>({
    look: ({ number }, { client }) => client.ask((register) => register.contractBy(number)),
    need: async ({ number }, { client }) =>
      client.ask(async (register) => {
        const found = await register.contractBy(number);
        return found ?? Promise.reject(noContract(number));
      }),
    isDone: ({ noticeGivenOn, noticeReference }, { on, reference }) =>
      noticeGivenOn === on && noticeReference === reference,
    problem: ({ number, noticeGivenOn, noticeReference }) =>
      noticeGivenOn === undefined
        ? undefined
        : `Notice of ${number} was given on ${noticeGivenOn} already (${noticeReference}). Withdraw that first if it is wrong.`,
    change: (_, { number, ...notice }, { client, run }) =>
      client.ask((register) => register.putNotice(number, notice, actorOf(run))),
    output: ({ did }) => ({ recorded: did }),
    words: {
      done: (_, { number, on }) => `that notice of ${number} was given on ${on} is recorded`,
      would: (_, { number, on }) => `would record that notice of ${number} was given on ${on}`,
      warnings: (state, { number }) => (state ? undefined : [noContract(number).message]),
    },
  }),
});

export function noContract(number: string): RegisterConflict {
  return new RegisterConflict(
    `The register has no contract ${number}. Enter it by register.putContract in an earlier step, and retry.`,
  );
}
