import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { foundByBoth } from '../kit/ensure.ts';
import type { ExchangeClient } from './client.ts';
import { sourceOf } from './cmdlets.ts';
import { ensureMailbox } from './ensure-mailbox.ts';
import { type Mailbox, skipped, userField } from './mailbox.ts';

const input = Type.Object({ user: userField }, { additionalProperties: false });

const output = Type.Object({
  removed: Type.Array(Type.String(), { description: 'The phones and tablets that this step removed.' }),
  skipped,
});

/** The part of Get-MobileDevice's output that matters here. */
interface MobileDevice {
  Identity: string;
  Guid: string;
  FriendlyName?: string | null;
  DeviceModel?: string | null;
}

export const removeMobileDevices = defineAction({
  name: 'exchange.removeMobileDevices',
  title: 'Remove mobile devices from a mailbox',
  description:
    'Ends the connections of phones and tablets to the mailbox of a person. Nothing on the devices is erased.',
  effect: 'destructive',
  source: sourceOf('Get-MobileDevice', 'Remove-MobileDevice'),
  input,
  output,
  examples: [{ title: 'A leaver', with: { user: 'a.lee@example.com' } }],

  ...ensureMailbox<Static<typeof input>, MobileDevice[], { removed: string[] }>({
    also: async (_, mailbox, client) => (mailbox ? devicesOf(client, mailbox) : []),
    isDone: (_, devices) => devices.length === 0,
    isDoneBefore: true,
    change: async ({ name }, devices, _, client) => {
      for (const { Guid } of devices)
        await client.cmdlets.find(
          'Remove-MobileDevice',
          { Identity: Guid, Confirm: false },
          { mailbox: name },
        );
    },
    output: ({ before, now }) => ({
      removed: foundByBoth(before.also, now.also, ({ Guid }) => Guid).map(titleOf),
    }),
    done: (name) => `no phone or tablet is connected to the mailbox of ${name}`,
    would: (name, devices) =>
      `would disconnect from the mailbox of ${name}: ${devices.map(titleOf).join(', ')}`,
  }),
});

function devicesOf(client: ExchangeClient, { name }: Mailbox): Promise<MobileDevice[]> {
  return client.cmdlets.invoke('Get-MobileDevice', { Mailbox: name }, { mailbox: name });
}

function titleOf({ FriendlyName, DeviceModel, Identity }: MobileDevice): string {
  return FriendlyName || DeviceModel || Identity;
}
