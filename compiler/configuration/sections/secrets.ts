/** `secrets`: where they are found. Elsewhere a secret stands as `{ $secret: NAME }`; only the process that uses it resolves it. */
import type { JsonSchema } from '../../../plan/plan.ts';
import * as codes from '../../diagnostics/registry/configuration.ts';
import { named, text } from '../../schema/parts.ts';
import { entryOf } from '../../source/tree.ts';
import { type Around, readMap, type Section } from '../section.ts';

export type SecretSource = { env: string } | { file: string };

const secret: JsonSchema = {
  description: 'Where the secret is found. Its value never stands here.',
  type: 'object',
  properties: {
    env: text('Name of an environment variable.'),
    file: text('Path of a file.'),
  },
  additionalProperties: false,
};

export const secrets = {
  rank: 4,
  schema: named(secret, 'Where secrets are found.'),
  check(node, around: Around) {
    for (const { key, keyRange, value } of node.kind === 'map' ? node.entries : []) {
      if (value.kind !== 'map') continue;
      const has = ['env', 'file'].filter((place) => entryOf(value, place)).length;
      if (has !== 1) around.reporter.report(codes.secretSource, keyRange, { name: key, has });
    }
  },
  read: (node, around) => readMap(node, around) as Record<string, SecretSource>,
} satisfies Section<Record<string, SecretSource>>;
