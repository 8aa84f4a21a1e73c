import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { name, ttl, type, usualTtl, value, zone } from './fields.ts';
import { ensureRecords, inWords, present, sameValues } from './record-sets.ts';

const values = (description: string) => Type.Array(value, { maxItems: 500, description });

const input = Type.Object(
  {
    name,
    type,
    values: values('All that shall stand there. With an empty list, nothing of the type stays.'),
    ttl: ttl(
      `How long others may keep it, in seconds. Unsaid, as long as what is there, or ${usualTtl} where nothing is.`,
    ),
    from: Type.Optional(
      values(
        'What must stand there now, such as what people saw when they signed. Where it is something else, nothing is changed.',
      ),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  changed: Type.Boolean({ description: 'True when this step changed it, false when it was so already.' }),
  before: Type.Array(Type.String(), { description: 'What stood there before: what its undo sets.' }),
  ttlBefore: Type.Integer({
    description: 'How long others could keep that, in seconds; where nothing was, what was set now.',
  }),
  zone,
});

export const setRecords = defineAction({
  name: 'dns.setRecords',
  title: 'Set the records of a name',
  description:
    'Makes the records of a name and a type exactly what is given: those that are there are replaced, at once and only if they still are what was read. A preview shows old and new, and the output has the old ones for its undo.',
  effect: 'write',
  source: 'RFC 2136; RFC 8945 (TSIG)',
  input,
  output,
  undo: 'dns.setRecords',
  examples: [
    {
      title: 'A website moves',
      with: {
        name: 'www.example.com',
        type: 'A',
        values: ['192.0.2.20'],
        from: ['192.0.2.10'],
        ttl: 300,
      },
    },
    { title: 'Nobody takes mail here', with: { name: 'old.example.com', type: 'MX', values: ['0 .'] } },
  ],

  ...ensureRecords<Static<typeof input>, Static<typeof output>>({
    target: (found, given) => ({
      values: given.values,
      ttl: given.ttl ?? (found.records.length > 0 ? found.ttl : usualTtl),
    }),
    problem: (found, { from, values: wanted }) =>
      from === undefined || sameValues(found, from) || sameValues(found, wanted)
        ? undefined
        : `${found.type} of ${found.name} is ${inWords(found)} now, and not ${from.join(', ') || 'nothing'}, as this change starts from. Look who changed it, and ask for it anew.`,
    output: ({ did, before }, given) => ({
      changed: did,
      before: present(before).values,
      ttlBefore: before.records.length > 0 ? before.ttl : (given.ttl ?? usualTtl),
      zone: before.zone,
    }),
  }),
});
