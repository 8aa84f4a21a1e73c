import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import type { KeaConfigClient, Reservation } from './client.ts';
import { hardware, subnet } from './fields.ts';

const input = Type.Object(
  {
    subnet,
    hardware,
    address: Type.String({ format: 'ipv4', description: 'The address.' }),
    hostname: Type.Optional(
      Type.String({ minLength: 1, description: 'The name that the device gets with it. Unsaid, it stays.' }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  reserved: Type.Boolean({ description: 'True when this step did it, false when it was so already.' }),
  before: Type.Optional(
    Type.String({ description: 'The address that was kept for the device before, if any.' }),
  ),
});

type Input = Static<typeof input>;
interface State {
  now: Reservation | null;
}

export const reserve = defineAction({
  name: 'keaConfig.reserve',
  title: 'Keep an address for a device, in the configuration',
  description:
    'Puts a reservation into the configuration of a server without the hook for reservations, and writes it to its file. The whole configuration is read and set: what somebody else changes in that moment by another way can be lost. Where the hook is there, use kea.reserve.',
  effect: 'write',
  source: 'Kea control channel: config-get, config-test, config-set, config-write',
  input,
  output,
  undo: 'keaConfig.release',
  examples: [
    {
      title: 'A new printer',
      with: { subnet: 1, hardware: '02:00:5e:00:53:09', address: '192.0.2.19', hostname: 'printer-9' },
    },
  ],

  ...ensure<Input, KeaConfigClient, State, Static<typeof output>>({
    look: async (given, { client }) => ({
      now: (await client.reservation(given.subnet, given.hardware)) ?? null,
    }),
    isDone: ({ now }, { address, hostname }) =>
      now?.address === address && (hostname === undefined || now.hostname === hostname),
    // In force is not yet kept: an attempt before may have ended in between.
    evenIfDone: true,
    change: (state, given, { client }) => {
      const wanted = { address: given.address, hostname: given.hostname ?? state.now?.hostname ?? '' };
      return state.now?.address === wanted.address && state.now.hostname === wanted.hostname
        ? client.keep()
        : client.put(given.subnet, given.hardware, wanted);
    },
    output: ({ did, before }) => ({ reserved: did, ...(before.now ? { before: before.now.address } : {}) }),
    words: {
      done: (_, { address, hardware: of }) => `${address} is kept for ${of} already`,
      would: (state, given) =>
        state?.now
          ? `would keep ${inWords(given.address, given.hostname ?? state.now.hostname)} for ${given.hardware} instead of ${inWords(state.now.address, state.now.hostname)}`
          : `would keep ${inWords(given.address, given.hostname ?? '')} for ${given.hardware}`,
    },
  }),
});

function inWords(address: string, hostname: string): string {
  return hostname === '' ? address : `${address} (${hostname})`;
}
