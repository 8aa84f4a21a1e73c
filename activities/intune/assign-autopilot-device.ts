import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import { RetryableFailure } from '../kit/failures.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import { findUser, type GraphUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';
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

  ...ensure<Static<typeof input>, GraphClient, State, Static<typeof output>>({
    look: async ({ serialNumber, user }, { client }) =>
      defined({
        device: await findAutopilotDevice(client, serialNumber),
        person: await findUser(client, user, []),
      }),
    need: async ({ serialNumber, user }, { client }) => {
      const device = await findAutopilotDevice(client, serialNumber);
      if (!device) throw new RetryableFailure(notRegistered(serialNumber), { status: 404 });
      return { device, person: await userThatMustExist(client, user, []) };
    },
    isDone: ({ device, person }, { user }) =>
      device !== undefined && isFor(device, person ? nameOf(person) : user),
    problem: ({ device }, { serialNumber }) => {
      if (!device) return notRegistered(serialNumber);
      return device.userPrincipalName ? takenBy(serialNumber, device.userPrincipalName) : undefined;
    },
    change: async ({ device, person }, { user, displayName }, { client }) => {
      const userPrincipalName = person ? nameOf(person) : user;
      const addressableUserName = displayName ?? person?.displayName ?? userPrincipalName;
      const body = { userPrincipalName, addressableUserName };
      successOf(await client.ask('POST', `${autopilotPath(device?.id ?? '')}/assignUserToDevice`, { body }));
    },
    output: ({ did, now: { device } }) => ({ deviceId: device?.id ?? '', assigned: did }),
    words: {
      done: ({ person }, { serialNumber, user }) =>
        `${serialNumber} is prepared for ${person ? nameOf(person) : user} already`,
      would: (state, { serialNumber, user }) =>
        `would prepare ${serialNumber} for ${state?.person ? nameOf(state.person) : user}`,
    },
  }),
});

interface State {
  /** Absent while the vendor has not registered it. */
  device?: AutopilotDevice;
  /** Absent while there is no account. */
  person?: GraphUser;
}

function isFor({ userPrincipalName }: AutopilotDevice, name: string): boolean {
  return userPrincipalName?.toLowerCase() === name.toLowerCase();
}

function notRegistered(serialNumber: string): string {
  return `Autopilot does not know the serial number ${serialNumber} yet. The vendor registers a device when it ships it; else check the number.`;
}

function takenBy(serialNumber: string, name: string): string {
  return `${serialNumber} is prepared for ${name}. If it is to change hands, take it back with intune.unassignAutopilotDevice first.`;
}
