import { Type } from 'typebox';
import { type Ca, caSetting } from '../trust.ts';

/** How an app registration signs in to Microsoft's services: what the settings of every connector that uses Graph begin with. */
export const graphSettings = {
  tenant: Type.String({
    minLength: 1,
    description: 'The directory: its id or one of its domain names, such as example.onmicrosoft.com.',
  }),
  clientId: Type.String({ minLength: 1, description: 'Application (client) id of the app registration.' }),
  clientSecret: Type.String({ minLength: 1, description: 'A client secret of the app registration.' }),
  authority: Type.Optional(
    Type.String({
      default: 'https://login.microsoftonline.com',
      description: 'Sign-in service, unless it is https://login.microsoftonline.com.',
    }),
  ),
  graphUrl: Type.Optional(
    Type.String({
      default: 'https://graph.microsoft.com',
      description: 'Graph service without the version, unless it is https://graph.microsoft.com.',
    }),
  ),
  ...caSetting,
};

/** As little as a collection gives. */
export const oneRow = { query: { $top: '1', $select: 'id' } };

/** Those of them that may change although it stays the same directory. */
export const graphSameSystem = ['clientSecret', 'ca'];

/** The same as a whole, with credentials already resolved. */
export interface GraphSettings {
  tenant: string;
  clientId: string;
  clientSecret: string;
  authority?: string;
  graphUrl?: string;
  ca?: Ca;
}
