import { type Static, Type } from 'typebox';
import { caSetting } from '../kit/trust.ts';

/** What stands under `connectors: ad:`. */
export const AdSettings = Type.Object(
  {
    url: Type.String({
      pattern: '^ldaps?://[A-Za-z0-9.:\\[\\]-]+/?$',
      description:
        'A domain controller, such as ldaps://dc1.corp.example.com. With ldap:// the connection is made secure by StartTLS before anything else is sent.',
    }),
    servername: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Name that its certificate must be made out to, where the address is another, such as a number.',
      }),
    ),
    user: Type.String({
      minLength: 1,
      description: 'The account that acts: user@domain, DOMAIN\\user or its distinguished name.',
    }),
    password: Type.String({ minLength: 1, description: 'Password of that account.' }),
    base: Type.Optional(
      Type.String({
        pattern: '^([A-Za-z]+=.+)$',
        description:
          'Where to look for people, groups and computers, such as OU=Staff,DC=corp,DC=example,DC=com. Unless said, the whole domain.',
      }),
    ),
    marker: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z][A-Za-z0-9-]*$',
        description:
          'Attribute that marks what a run created, so that trying again finds it. Unless said, adminDescription.',
      }),
    ),
    ...caSetting,
  },
  { additionalProperties: false },
);

export type AdSettings = Static<typeof AdSettings>;

/** Settings that may change although it stays the same directory. */
export const adSameSystem = ['password', 'ca', 'servername', 'marker'];
