/** `temporal`: the cluster. */
import { type Around, readMap, type Section } from '../section.ts';
import { checkTemporal, type TemporalSettings, temporalSchema } from '../temporal.ts';

export const temporal = {
  rank: 13,
  schema: temporalSchema,
  secrets: true,
  check: (node, around: Around) => checkTemporal(node, around.reporter),
  read: (node, around) => readMap(node, around) as TemporalSettings,
} satisfies Section<TemporalSettings>;
