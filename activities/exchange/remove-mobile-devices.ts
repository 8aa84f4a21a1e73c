import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { ExchangeClient } from './client.ts';
import { sourceOf } from './cmdlets.ts';
import { findMailbox, isNone, type Mailbox, mailboxOf, nothingThere, skipped, userField } from './mailbox.ts';

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

type Context = ActionContext<ExchangeClient>;

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

  async run({ user }, { client, rememberBeforeWrite }: Context) {
    const mailbox = await mailboxOf(client, user);
    if (isNone(mailbox)) return { removed: [], skipped: mailbox.none };
    const devices = await devicesOf(client, mailbox);
    const removed = await rememberBeforeWrite(async () => devices.map(titleOf));
    for (const device of devices) {
      const parameters = { Identity: device.Guid, Confirm: false };
      await client.cmdlets.find('Remove-MobileDevice', parameters, { mailbox: mailbox.name });
    }
    return { removed };
  },

  async preview({ user }, { client }: Context) {
    const mailbox = await findMailbox(client, user);
    if (isNone(mailbox)) return nothingThere(mailbox);
    const devices = mailbox ? await devicesOf(client, mailbox) : [];
    const name = mailbox?.name ?? user;
    if (devices.length === 0)
      return { summary: `no phone or tablet is connected to the mailbox of ${name}`, nothingToDo: true };
    return { summary: `would disconnect from the mailbox of ${name}: ${devices.map(titleOf).join(', ')}` };
  },

  async verify({ user }, { client }: Context) {
    const mailbox = await mailboxOf(client, user);
    return isNone(mailbox) || (await devicesOf(client, mailbox)).length === 0;
  },
});

function devicesOf(client: ExchangeClient, { name }: Mailbox): Promise<MobileDevice[]> {
  return client.cmdlets.invoke('Get-MobileDevice', { Mailbox: name }, { mailbox: name });
}

function titleOf({ FriendlyName, DeviceModel, Identity }: MobileDevice): string {
  return FriendlyName || DeviceModel || Identity;
}
