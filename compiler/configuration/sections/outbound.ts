/** `outbound`: which hosts actions may reach whose address a runbook gives. */
import { excerpt } from '../../../plan/excerpt.ts';
import * as codes from '../../diagnostics/registry/configuration.ts';
import { object } from '../../schema/parts.ts';
import { childOf, textOf } from '../../source/tree.ts';
import { type OutboundRules, readHostPattern, readPrivateNetwork } from '../outbound.ts';
import { type Around, readMap, type Section } from '../section.ts';

const lists = [
  { key: 'allow', read: readHostPattern, code: codes.badOutboundHost },
  { key: 'privateNetworks', read: readPrivateNetwork, code: codes.badPrivateNetwork },
];

export const outbound = {
  rank: 12,
  schema: object(
    {
      allow: {
        type: 'array',
        items: { type: 'string' },
        description:
          'Hosts that `http` actions may call: `api.example.com`, `*.example.com` for all below a domain, `api.example.com:8443` for another port. Without it, none.',
      },
      privateNetworks: {
        type: 'array',
        items: { type: 'string' },
        description:
          'Networks (`10.20.0.0/16`), addresses and hosts that may be called although they are private. They must be under `allow` too, and may do without https.',
      },
    },
    [],
    'Which hosts actions may reach whose address a runbook gives.',
  ),
  check(node, around: Around) {
    for (const { key, read, code } of lists) {
      const list = childOf(node, key);
      for (const item of list?.kind === 'list' ? list.items : []) {
        const value = textOf(item);
        const found = value === undefined ? undefined : read(value);
        if (value === undefined || !found || !('problem' in found)) continue;
        const params = { value: excerpt(value), problem: found.problem };
        around.reporter.report(code, item, params, { suggestion: found.suggestion });
      }
    }
  },
  read: (node, around) => readMap(node, around) as OutboundRules,
} satisfies Section<OutboundRules>;
