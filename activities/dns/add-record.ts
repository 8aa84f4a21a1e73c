import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { givenTtl, name, ttl, type, usualTtl, value, zone } from './fields.ts';
import { ensureRecords, present, sameValue } from './record-sets.ts';

const input = Type.Object(
  {
    name,
    type,
    value,
    ttl: ttl(
      `How long others may keep it, in seconds. Unsaid, ${usualTtl}. Where others of the type are there, what they have counts for it too.`,
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  added: Type.Boolean({ description: 'True when this step added it, false when it was there already.' }),
  ttl: givenTtl,
  zone,
});

export const addRecord = defineAction({
  name: 'dns.addRecord',
  title: 'Add a record',
  description:
    'Adds one record to those that a name has of the type, which stay as they are. If somebody changes them meanwhile, the step looks again.',
  effect: 'write',
  source: 'RFC 2136; RFC 8945 (TSIG)',
  input,
  output,
  undo: 'dns.removeRecord',
  examples: [
    { title: 'A new server', with: { name: 'app-7.example.com', type: 'A', value: '192.0.2.17' } },
    {
      title: 'Proof that the domain is ours',
      with: { name: 'example.com', type: 'TXT', value: 'site-verification=3f9a', ttl: 300 },
    },
  ],

  ...ensureRecords<Static<typeof input>, Static<typeof output>>({
    target: (found, given) => {
      const { values, ttl: now } = present(found);
      if (values.length === 0) return { values: [given.value], ttl: given.ttl ?? usualTtl };
      const isThere = values.some((each) => sameValue(given.type, each, given.value));
      return { values: isThere ? values : [...values, given.value], ttl: now };
    },
    problem: (found) =>
      found.type === 'CNAME' && found.records.length > 0
        ? `${found.name} is another name of ${present(found).values.join()} (CNAME) already, and can have one only. Set it by dns.setRecords.`
        : undefined,
    output: ({ did, before, now }, given) => ({
      added: did,
      ttl: [now, before].find(({ records }) => records.length > 0)?.ttl ?? given.ttl ?? usualTtl,
      zone: now.zone,
    }),
  }),
});
