import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { name, type, value, zone } from './fields.ts';
import { ensureRecords, present, sameValue } from './record-sets.ts';

const input = Type.Object({ name, type, value }, { additionalProperties: false });

const output = Type.Object({
  removed: Type.Boolean({ description: 'True when this step removed it, false when it was not there.' }),
  ttl: Type.Integer({ description: 'How long others could keep it, in seconds, for its undo.' }),
  zone,
});

export const removeRecord = defineAction({
  name: 'dns.removeRecord',
  title: 'Remove a record',
  description:
    'Removes one record of a name, and leaves its others as they are. If somebody changes them meanwhile, the step looks again.',
  effect: 'write',
  source: 'RFC 2136; RFC 8945 (TSIG)',
  input,
  output,
  undo: 'dns.addRecord',
  examples: [
    { title: 'A server is gone', with: { name: 'app-7.example.com', type: 'A', value: '192.0.2.17' } },
  ],

  ...ensureRecords<Static<typeof input>, Static<typeof output>>({
    target: (found, given) => {
      const { values, ttl } = present(found);
      return { values: values.filter((each) => !sameValue(given.type, each, given.value)), ttl };
    },
    output: ({ did, before }) => ({ removed: did, ttl: before.ttl, zone: before.zone }),
  }),
});
