import { type Static, Type } from 'typebox';
import { algorithms } from './wire/tsig.ts';

/** What stands under `connectors: dns:`. */
export const DnsSettings = Type.Object(
  {
    server: Type.String({
      minLength: 1,
      description: 'Name or address of the server that the zones are changed on: their primary.',
    }),
    port: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 65_535, description: 'Its port (TCP). Unless said, 53.' }),
    ),
    key: Type.Object(
      {
        name: Type.String({ minLength: 1, description: 'Name of the key, as the server has it.' }),
        algorithm: Type.Optional(
          Type.Enum([...algorithms], { description: 'Its algorithm. Unless said, hmac-sha256.' }),
        ),
        secret: Type.String({ minLength: 1, description: 'Its secret, as the server has it: base64.' }),
      },
      {
        additionalProperties: false,
        description: 'The key (TSIG) that signs what is asked, and that the server signs its answers with.',
      },
    ),
    zones: Type.Array(Type.String({ minLength: 1 }), {
      minItems: 1,
      description:
        'The zones that may be read and changed, such as corp.example.com and 2.0.192.in-addr.arpa. Nothing outside of them is.',
    }),
  },
  { additionalProperties: false },
);

export type DnsSettings = Static<typeof DnsSettings>;

/** Settings that may change although it stays the same system. */
export const dnsSameSystem = ['key', 'zones'];
