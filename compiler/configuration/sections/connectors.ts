/** `connectors`: the settings of what actions call. With the settings' schemas at hand they are checked like an action's input. */
import type { JsonObject } from '../../../plan/plan.ts';
import * as structure from '../../diagnostics/registry/structure.ts';
import { nearest } from '../../diagnostics/suggest.ts';
import { checkNode } from '../../schema/check.ts';
import { named, open } from '../../schema/parts.ts';
import { withFormerly } from '../formerly.ts';
import { type Around, readMap, type Section } from '../section.ts';

export const connectors = {
  rank: 5,
  schema: named(open('Settings of the connector.'), 'The systems that actions call, by connector.'),
  secrets: true,
  check(node, around: Around) {
    const { reporter, connectorSettings: settings } = around;
    if (!settings || node.kind !== 'map') return;
    for (const { key, keyRange, value } of node.entries) {
      const schema = Object.hasOwn(settings, key) ? settings[key] : undefined;
      const known = Object.keys(settings);
      if (!schema) {
        const params = { key, where: '`connectors`', known };
        reporter.report(structure.unknownKey, keyRange, params, { suggestion: nearest(key, known) });
        continue;
      }
      checkNode(value, withFormerly(schema), `the connector \`${key}\``, {
        reporter,
        patterns: true,
        handled: (part) => around.isSecret(part),
      });
    }
  },
  read: (node, around) => readMap(node, around) as Record<string, JsonObject>,
} satisfies Section<Record<string, JsonObject>>;
