import { Type } from 'typebox';

/** What stands under `connectors: entra:`. Credentials come as `{ $secret: NAME }` and are resolved before they get here. */
export const EntraSettings = Type.Object(
  {
    tenant: Type.String({
      minLength: 1,
      description: 'The directory: its id or one of its domain names, such as example.onmicrosoft.com.',
    }),
    clientId: Type.String({ minLength: 1, description: 'Application (client) id of the app registration.' }),
    clientSecret: Type.String({ minLength: 1, description: 'A client secret of the app registration.' }),
    authority: Type.Optional(
      Type.String({ description: 'Sign-in service, unless it is https://login.microsoftonline.com.' }),
    ),
    graphUrl: Type.Optional(
      Type.String({
        description: 'Graph service without the version, unless it is https://graph.microsoft.com.',
      }),
    ),
    marker: Type.Optional(
      Type.String({
        pattern: '^extensionAttribute([1-9]|1[0-5])$',
        description:
          'Extension attribute that marks the users that a run created, so that trying again finds them. Unless said, extensionAttribute15.',
      }),
    ),
  },
  { additionalProperties: false },
);
