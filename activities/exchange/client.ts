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

/** Of every tenant, under the same name. */
const systemMailbox = 'SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}';

/** Graph for what Graph can do with a mailbox, and Exchange's own commands for the rest. */
export class ExchangeClient extends GraphClient {
  private readonly commands: Cmdlets;
  private readonly tenant: string;

  constructor(settings: Static<typeof ExchangeSettings>) {
    super('exchange', settings);
    this.tenant = settings.tenant;
    this.commands = new Cmdlets('exchange', settings, settings.exchangeUrl);
  }

  /** Exchange's own commands. */
  get cmdlets(): Cmdlets {
    return this.commands.for(this.signal);
  }

  /** Looks for a mailbox that is shown to nobody: that it is not found says that the command may be used. */
  async checkCommands(): Promise<void> {
    const mailbox = `${systemMailbox}@${this.tenant}`;
    await this.cmdlets.find(
      'Get-Mailbox',
      { Identity: mailbox },
      { mailbox, select: ['PrimarySmtpAddress'] },
    );
  }
}
