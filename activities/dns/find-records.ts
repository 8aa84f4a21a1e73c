import { Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { type DnsClient, ownerOf } from './client.ts';
import { name, type, zone } from './fields.ts';
import { present } from './record-sets.ts';

const output = Type.Object({
  found: Type.Boolean({ description: 'Whether there are any.' }),
  values: Type.Array(Type.String(), { description: 'What stands in them, in the order of the alphabet.' }),
  ttl: Type.Integer({ description: 'How long others keep them, in seconds; 0 where there are none.' }),
  zone,
  alias: Type.Optional(
    Type.String({ description: 'The name to which this one is only another (CNAME), if it is.' }),
  ),
});

export const findRecords = defineAction({
  name: 'dns.findRecords',
  title: 'Find records of a name',
  description:
    'Reads the records of a name and a type from the primary server of the zone, as they stand there and not as others still keep them. What a wildcard stands in for is not found.',
  effect: 'read',
  source: 'RFC 1035; RFC 8945 (TSIG)',
  input: Type.Object({ name, type }, { additionalProperties: false }),
  output,
  examples: [
    { title: 'Where a website is', with: { name: 'www.example.com', type: 'A' } },
    { title: 'What an address is called', with: { name: '192.0.2.10', type: 'PTR' } },
  ],

  async run(input, { client }: ActionContext<DnsClient>) {
    const found = await client.read(ownerOf(input.name, input.type), input.type);
    return {
      found: found.records.length > 0,
      ...present(found),
      zone: found.zone,
      ...defined({ alias: found.alias }),
    };
  },
});
