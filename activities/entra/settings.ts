import { Type } from 'typebox';
import { graphSettings } from '../kit/graph/settings.ts';

/** What stands under `connectors: entra:`. Credentials come as `{ $secret: NAME }` and are resolved before they get here. */
export const EntraSettings = Type.Object(
  {
    ...graphSettings,
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
