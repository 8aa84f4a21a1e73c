import { type Static, Type } from 'typebox';
import type { Vendor } from '../../plan/register.ts';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import { actorOf, type RegisterClient } from './client.ts';
import { vendorName } from './fields.ts';

const input = Type.Object(
  {
    name: vendorName,
    email: Type.Optional(Type.String({ format: 'email', description: 'Where orders and questions go.' })),
    phone: Type.Optional(Type.String({ minLength: 1, description: 'Telephone number.' })),
    website: Type.Optional(Type.String({ minLength: 1, description: 'Address of its pages.' })),
    accountNumber: Type.Optional(Type.String({ minLength: 1, description: 'Our number there.' })),
    notes: Type.Optional(Type.String({ minLength: 1, description: 'What else there is to know.' })),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  changed: Type.Boolean({ description: 'Whether this step did it, over all its attempts.' }),
});

type Input = Static<typeof input>;

interface State {
  there: Vendor | null;
}

export const putVendor = defineAction({
  name: 'register.putVendor',
  title: 'Enter a vendor',
  description: 'Adds a vendor to the register, or changes what is given of one. What is not given stays.',
  effect: 'write',
  source: 'The register of Countersign',
  input,
  output,
  examples: [
    {
      title: 'A new vendor',
      with: { name: 'Example Software', email: 'sales@software.example.com', accountNumber: 'K-1024' },
    },
  ],

  ...ensure<Input, RegisterClient, State, Static<typeof output>>({
    look: async ({ name }, { client }) => ({
      there: (await client.ask((register) => register.vendorBy(name))) ?? null,
    }),
    isDone: ({ there }, { name: _, ...given }) =>
      there !== null &&
      Object.entries(given).every(([field, value]) => there[field as keyof Vendor] === value),
    change: (_, vendor, { client, run }) =>
      client.ask((register) => register.putVendor(vendor, actorOf(run))),
    output: ({ did }) => ({ changed: did }),
    words: {
      done: (_, { name }) => `${name} is in the register so`,
      would: (state, { name }) => (state?.there ? `would change ${name}` : `would add ${name}`),
    },
  }),
});
