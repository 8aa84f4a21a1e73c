/** Which system keeps the assets, and what it needs to be reached. */
import { type Static, Type } from 'typebox';
import type { AssetRegister } from '../../plan/register.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { caSetting } from '../kit/trust.ts';
import { OwnRegister } from './own-register.ts';
import { ServiceNow } from './service-now.ts';
import { SnipeIt } from './snipe-it.ts';
import type { AssetSystem } from './system.ts';

export const AssetsSettings = Type.Object(
  {
    system: Type.Optional(
      // Without a default, so that what was signed before there was a choice is still for the same system.
      Type.Enum(['snipe-it', 'servicenow', 'register'], {
        description:
          'Which system keeps the assets; snipe-it unless said. `register` is the one in Countersign’s own database, and needs nothing else.',
      }),
    ),
    baseUrl: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Address of Snipe-IT or of the ServiceNow instance, such as https://assets.example.com.',
      }),
    ),
    apiToken: Type.Optional(
      Type.String({ minLength: 1, description: 'A personal access token of Snipe-IT’s API.' }),
    ),
    user: Type.Optional(Type.String({ minLength: 1, description: 'Name of the account in ServiceNow.' })),
    password: Type.Optional(Type.String({ minLength: 1, description: 'Password of that account.' })),
    ...caSetting,
  },
  { additionalProperties: false },
);

type Settings = Static<typeof AssetsSettings>;

const needed = {
  'snipe-it': ['baseUrl', 'apiToken'],
  servicenow: ['baseUrl', 'user', 'password'],
  register: [],
} as const;

export function assetSystemOf(settings: Settings, register: AssetRegister | undefined): AssetSystem {
  const { system = 'snipe-it', baseUrl = '', apiToken = '', user = '', password = '', ca } = settings;
  const missing = needed[system].filter((name) => !settings[name]);
  if (missing.length > 0)
    throw new PermanentFailure(
      `connectors.assets in countersign.yaml has no ${missing.join(' and no ')}, which ${system} needs. Add it, or choose another system: \`system: register\` needs nothing.`,
    );
  const trust = ca === undefined ? {} : { ca };
  if (system === 'snipe-it') return new SnipeIt({ baseUrl, apiToken, ...trust });
  if (system === 'servicenow') return new ServiceNow({ baseUrl, user, password, ...trust });
  return new OwnRegister(register);
}
