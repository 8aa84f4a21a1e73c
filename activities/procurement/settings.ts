import { type Static, Type } from 'typebox';
import { MailSettings } from '../kit/mail/client.ts';

const Credential = Type.Object(
  {
    domain: Type.String({
      minLength: 1,
      description: 'Kind of the identity, such as DUNS, NetworkId or a name that both sides agreed on.',
    }),
    identity: Type.String({ minLength: 1, description: 'The identity itself.' }),
  },
  { additionalProperties: false },
);

const CxmlSettings = Type.Object(
  {
    url: Type.String({ minLength: 1, description: 'Address to which the supplier wants orders sent.' }),
    from: { ...Credential, description: 'Who orders, as the supplier knows us.' },
    to: { ...Credential, description: 'Who is ordered from, and who says so in what comes back.' },
    sender: { ...Credential, description: 'Who sends; often the same as from.' },
    sharedSecret: Type.String({ minLength: 1, description: 'Secret by which the supplier believes us.' }),
    inboundSecret: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Secret by which we believe the supplier. Without it, no confirmation or ship notice of theirs is.',
      }),
    ),
  },
  { additionalProperties: false },
);

const SupplierSettings = Type.Object(
  {
    title: Type.String({ minLength: 1, description: 'Name of the supplier, as people read it.' }),
    email: Type.Optional(
      Type.String({ format: 'email', description: 'Where quotes, reminders and orders by mail go.' }),
    ),
    cxml: Type.Optional({ ...CxmlSettings, description: 'Orders go there by cXML instead of by mail.' }),
    currency: Type.Optional(
      Type.String({ pattern: '^[A-Z]{3}$', description: 'Currency of the prices; EUR unless said.' }),
    ),
    deploymentMode: Type.Optional(
      Type.Enum(['production', 'test'], {
        description: 'With test, the supplier checks orders and delivers nothing; production unless said.',
      }),
    ),
  },
  { additionalProperties: false },
);

export const Address = Type.Object(
  {
    street: Type.String({ minLength: 1, description: 'Street and number.' }),
    city: Type.String({ minLength: 1, description: 'City.' }),
    postalCode: Type.String({ minLength: 1, description: 'Postal code.' }),
    country: Type.String({ pattern: '^[A-Z]{2}$', description: 'Two-letter code of the country.' }),
  },
  { additionalProperties: false },
);

const BuyerSettings = Type.Object(
  {
    company: Type.String({ minLength: 1, description: 'Name of the company that buys.' }),
    address: { ...Address, description: 'Where it is, and where the bill goes.' },
    contact: Type.String({ format: 'email', description: 'Whom a supplier may ask.' }),
  },
  { additionalProperties: false },
);

export const ProcurementSettings = Type.Object(
  {
    suppliers: Type.Object(
      {},
      { additionalProperties: SupplierSettings, description: 'The suppliers, by the names runbooks use.' },
    ),
    buyer: { ...BuyerSettings, description: 'Who buys.' },
    // Only who sends by mail needs these; usually they come from the mail connector.
    ...Type.Partial(MailSettings).properties,
  },
  { additionalProperties: false },
);

export type CxmlParty = Static<typeof CxmlSettings>;
export type SupplierSettings = Static<typeof SupplierSettings>;
export type Buyer = Static<typeof BuyerSettings>;
export type PostalAddress = Static<typeof Address>;

/** What stands under `connectors: procurement:`. Spelt out, since the type of an open set of suppliers is not inferred. */
export interface Settings extends Partial<Static<typeof MailSettings>> {
  suppliers: Record<string, SupplierSettings>;
  buyer: Buyer;
}
