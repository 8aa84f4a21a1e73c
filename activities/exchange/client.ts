import { type Static, Type } from 'typebox';
import { GraphClient } from '../kit/graph/client.ts';
import { graphSettings } from '../kit/graph/settings.ts';
import { Cmdlets } from './cmdlets.ts';

/** What stands under `connectors: exchange:`. Credentials come from `entra` where they are not said here. */
export const ExchangeSettings = Type.Object(
  {
    ...graphSettings,
    exchangeUrl: Type.Optional(
      Type.String({
        default: 'https://outlook.office365.com',
        description: 'Exchange service, unless it is https://outlook.office365.com.',
      }),
    ),
  },
  { additionalProperties: false },
);

/** Graph for what Graph can do with a mailbox, and Exchange's own commands for the rest. */
export class ExchangeClient extends GraphClient {
  private readonly commands: Cmdlets;

  constructor(settings: Static<typeof ExchangeSettings>) {
    super('exchange', settings);
    this.commands = new Cmdlets('exchange', settings, settings.exchangeUrl);
  }

  /** Exchange's own commands. */
  get cmdlets(): Cmdlets {
    return this.commands.for(this.signal);
  }
}
