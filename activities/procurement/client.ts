/** The suppliers, and the mail server by which those are reached who take no cXML. */
import { AttemptClient } from '../kit/attempt-client.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { secureBaseUrl } from '../kit/http.ts';
import { type Attachment, MailClient } from '../kit/mail/client.ts';
import { type Trust, trustOf } from '../kit/trust.ts';
import type { Buyer, Settings, SupplierSettings } from './settings.ts';

export interface Supplier extends SupplierSettings {
  name: string;
  currency: string;
}

export interface SupplierMail {
  subject: string;
  text: string;
  html?: string;
  attachments?: Attachment[];
}

export class ProcurementClient extends AttemptClient {
  readonly buyer: Buyer;
  readonly trust: Trust;
  private readonly suppliers: Settings['suppliers'];
  private readonly mail: MailClient | undefined;

  constructor({ suppliers, buyer, host, from, ...mail }: Settings) {
    super();
    for (const [name, { email, cxml }] of Object.entries(suppliers)) {
      const at = `connectors.procurement.suppliers.${name}`;
      if (!email && !cxml)
        throw new PermanentFailure(
          `${at} in countersign.yaml has neither email nor cxml. Give it one of them.`,
        );
      if (cxml) secureBaseUrl(`${at}.cxml.url`, cxml.url);
    }
    this.suppliers = suppliers;
    this.buyer = buyer;
    this.trust = trustOf('procurement', mail.ca);
    this.mail = host && from ? new MailClient({ ...mail, host, from }) : undefined;
  }

  /** Fails, naming those that there are. */
  supplier(name: string): Supplier {
    const found = Object.hasOwn(this.suppliers, name) ? this.suppliers[name] : undefined;
    if (found) return { currency: 'EUR', ...found, name };
    throw new PermanentFailure(this.unknown(name));
  }

  /** Why an action of this supplier could not go on, or nothing. */
  problemsOf(name: string, needs: 'mail' | 'any'): string[] {
    const supplier = Object.hasOwn(this.suppliers, name) ? this.suppliers[name] : undefined;
    if (!supplier) return [this.unknown(name)];
    if (needs === 'any' && supplier.cxml) return [];
    if (!supplier.email) return [noAddress(name, supplier.title)];
    return this.mail ? [] : [noMailServer];
  }

  /** To the supplier, who answers to the buyer's contact. Gives the address it went to. */
  async send(supplier: Supplier, key: string, mail: SupplierMail): Promise<string> {
    if (!supplier.email) throw new PermanentFailure(noAddress(supplier.name, supplier.title));
    if (!this.mail) throw new PermanentFailure(noMailServer);
    const message = {
      ...mail,
      messageId: this.mail.messageIdOf(key),
      to: [supplier.email],
      cc: [],
      replyTo: this.buyer.contact,
    };
    const { accepted, rejected } = await this.mail.for(this.signal).send(message);
    // There is one recipient, and the server may write their address in another way.
    if (accepted.length > 0) return supplier.email;
    throw new PermanentFailure(
      `The mail server did not take ${rejected.join(', ')}. Check suppliers.${supplier.name}.email in countersign.yaml.`,
    );
  }

  private unknown(name: string): string {
    const known = Object.keys(this.suppliers).join(', ') || 'none';
    return `There is no supplier "${name}" under connectors.procurement.suppliers in countersign.yaml. There are: ${known}.`;
  }
}

function noAddress(name: string, title: string): string {
  return `${title} has no mail address. Add email under connectors.procurement.suppliers.${name} in countersign.yaml.`;
}

const noMailServer =
  'No mail server is configured. Add its settings under connectors: mail: in countersign.yaml.';
