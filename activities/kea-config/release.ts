import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import type { KeaConfigClient, Reservation } from './client.ts';
import { hardware, subnet } from './fields.ts';

const input = Type.Object({ subnet, hardware }, { additionalProperties: false });

const output = Type.Object({
  released: Type.Boolean({ description: 'True when this step did it, false when none was kept.' }),
  address: Type.Optional(Type.String({ description: 'The address that was kept, for its undo.' })),
  hostname: Type.Optional(Type.String({ description: 'The name that went with it, for its undo.' })),
});

interface State {
  now: Reservation | null;
}

export const release = defineAction({
  name: 'keaConfig.release',
  title: 'Keep an address no longer, in the configuration',
  description:
    'Takes the reservation of a device out of the configuration of a server without the hook for reservations, and writes that to its file. A lease that the device holds runs on until it ends.',
  effect: 'write',
  source: 'Kea control channel: config-get, config-test, config-set, config-write',
  input,
  output,
  undo: 'keaConfig.reserve',
  examples: [{ title: 'The printer is gone', with: { subnet: 1, hardware: '02:00:5e:00:53:09' } }],

  ...ensure<Static<typeof input>, KeaConfigClient, State, Static<typeof output>>({
    look: async (given, { client }) => ({
      now: (await client.reservation(given.subnet, given.hardware)) ?? null,
    }),
    isDone: ({ now }) => now === null,
    // In force is not yet kept: an attempt before may have ended in between.
    evenIfDone: true,
    change: ({ now }, given, { client }) =>
      now === null ? client.keep() : client.put(given.subnet, given.hardware, undefined),
    output: ({ did, before: { now } }) => ({
      released: did,
      ...(now ? { address: now.address } : {}),
      ...(now && now.hostname !== '' ? { hostname: now.hostname } : {}),
    }),
    words: {
      done: (_, { hardware: of }) => `no address is kept for ${of}`,
      would: (state, { hardware: of }) =>
        `would keep ${state?.now?.address ?? 'its address'} for ${of} no longer`,
    },
  }),
});
