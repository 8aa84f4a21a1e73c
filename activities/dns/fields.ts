/** What the actions on records take and give. */
import { Type } from 'typebox';
import { recordTypes } from './wire/record-data.ts';

export const name = Type.String({
  minLength: 1,
  maxLength: 1_100,
  description:
    'The whole name, such as www.example.com; of a PTR, the address will do. A dot within a label is written \\., and letters of other scripts may stand as they are.',
});

export const type = Type.Enum([...recordTypes], { description: 'Type of the records.' });

export const value = Type.String({
  maxLength: 16_384,
  description:
    'What stands in it: an address, a whole name, "10 mail.example.com" of an MX, "0 5 443 web.example.com" of an SRV, "0 issue ca.example.net" of a CAA, the text itself of a TXT, in which a backslash is written twice.',
});

export const ttl = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum: 2_147_483_647, description }));

export const givenTtl = Type.Integer({ description: 'How long others keep it, in seconds.' });

export const zone = Type.String({ description: 'The zone that it is in.' });

/** Where nothing else says. */
export const usualTtl = 3_600;
