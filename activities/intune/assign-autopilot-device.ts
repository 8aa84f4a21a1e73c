import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure, RetryableFailure } from '../kit/failures.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import { findUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';
import { type AutopilotDevice, autopilotPath, findAutopilotDevice, serialField } from './autopilot.ts';

const input = Type.Object(
  {
    serialNumber: serialField,
    user: Type.String({
      minLength: 1,
      description: 'For whom it is prepared: sign-in name, e-mail address or object id.',
    }),
    displayName: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'How the device greets the person. Unless given, by their full name.',
      }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  deviceId: Type.String({ description: 'Id of the device in Autopilot.' }),
  assigned: Type.Boolean({
    description: 'True when this step assigned it, false when it was prepared for the person already.',
  }),
});

type Context = ActionContext<GraphClient>;

export const assignAutopilotDevice = defineAction({
  name: 'intune.assignAutopilotDevice',
  title: 'Prepare a new device for a person',
  description:
    'Assigns a device in Windows Autopilot to a person, so that it sets itself up for them when it is first switched on. ' +
    'One that the vendor has not registered yet is tried again later.',
  effect: 'write',
  source: 'Microsoft Graph: assignUserToDevice action',
  input,
  output,
  undo: 'intune.unassignAutopilotDevice',
  examples: [{ title: 'A new hire', with: { serialNumber: 'SN-1234', user: 'a.lee@example.com' } }],

  async run({ serialNumber, user, displayName }, { client, rememberBeforeWrite }: Context) {
    const device = await findAutopilotDevice(client, serialNumber);
    if (!device) throw new RetryableFailure(notRegistered(serialNumber), { status: 404 });
    const person = await userThatMustExist(client, user, []);
    const is = isFor(device, nameOf(person));
    const was = await rememberBeforeWrite(async () => is);
    if (is) return { deviceId: device.id, assigned: !was };
    if (device.userPrincipalName) throw new PermanentFailure(takenBy(serialNumber, device.userPrincipalName));
    const body = {
      userPrincipalName: person.userPrincipalName,
      addressableUserName: displayName ?? person.displayName ?? person.userPrincipalName,
    };
    successOf(await client.ask('POST', `${autopilotPath(device.id)}/assignUserToDevice`, { body }));
    return { deviceId: device.id, assigned: !was };
  },

  async preview({ serialNumber, user }, { client }: Context) {
    const device = await findAutopilotDevice(client, serialNumber);
    const person = await findUser(client, user, []);
    const name = person ? nameOf(person) : user;
    const summary = `would prepare ${serialNumber} for ${name}`;
    if (!device) return { summary, problems: [notRegistered(serialNumber)] };
    if (isFor(device, name))
      return { summary: `${serialNumber} is prepared for ${name} already`, nothingToDo: true };
    if (device.userPrincipalName)
      return { summary, problems: [takenBy(serialNumber, device.userPrincipalName)] };
    return { summary };
  },

  async verify({ serialNumber, user }, { client }: Context) {
    const device = await findAutopilotDevice(client, serialNumber);
    const person = await userThatMustExist(client, user, []);
    return device !== undefined && isFor(device, nameOf(person));
  },
});

function isFor({ userPrincipalName }: AutopilotDevice, name: string): boolean {
  return userPrincipalName?.toLowerCase() === name.toLowerCase();
}

function notRegistered(serialNumber: string): string {
  return `Autopilot does not know the serial number ${serialNumber} yet. The vendor registers a device when it ships it; else check the number.`;
}

function takenBy(serialNumber: string, name: string): string {
  return `${serialNumber} is prepared for ${name}. If it is to change hands, take it back with intune.unassignAutopilotDevice first.`;
}
