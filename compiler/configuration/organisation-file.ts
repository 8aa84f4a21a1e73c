/** `organisation.yaml`: what every runbook knows of the organisation, beside `countersign.yaml`. */

import { isTimezone, timezoneNames } from '../../plan/lexical.ts';
import type { JsonObject } from '../../plan/plan.ts';
import * as codes from '../diagnostics/registry/data.ts';
import * as forms from '../diagnostics/registry/forms.ts';
import * as names from '../diagnostics/registry/names.ts';
import { Reporter } from '../diagnostics/reporter.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { checkNode } from '../schema/check.ts';
import { organisationSchema } from '../schema/organisation.ts';
import { parseSource } from '../source/parse.ts';
import type { SourceFile } from '../source/source-file.ts';
import { childOf, type Entry, jsonOf, type Node, textOf } from '../source/tree.ts';

export const organisationFile = 'organisation.yaml';

export interface ReadOrganisation {
  values: JsonObject;
  reporter: Reporter;
}

/** `inConfiguration` are the values that `countersign.yaml` has itself: one place for each. */
export function readOrganisation(file: SourceFile, inConfiguration: JsonObject): ReadOrganisation {
  const reporter = new Reporter(file);
  const { root } = parseSource(file, reporter, 'Begin it with `name:` and `domain:`.');
  if (!root) return { values: {}, reporter };
  checkNode(root, organisationSchema, organisationFile, { reporter, patterns: true });
  if (root.kind !== 'map') return { values: {}, reporter };
  for (const { key, keyRange } of root.entries)
    if (Object.hasOwn(inConfiguration, key)) reporter.report(codes.saidTwice, keyRange, { key });
  const sites = entriesOf(childOf(root, 'sites'));
  const known = sites.map(({ key }) => key);
  for (const { value } of entriesOf(childOf(root, 'departments'))) {
    const node = childOf(value, 'site');
    const name = textOf(node);
    if (!node || name === undefined || known.includes(name)) continue;
    const params = { kind: 'site', name, known: known.join(', ') };
    reporter.report(names.unknownConfigured, node, params, { suggestion: nearest(name, known) });
  }
  for (const value of [root, ...sites.map((each) => each.value)]) {
    const node = childOf(value, 'timezone');
    const zone = textOf(node);
    if (!node || zone === undefined || isTimezone(zone)) continue;
    reporter.report(forms.badTimezone, node, { value: zone }, { suggestion: nearest(zone, timezoneNames()) });
  }
  return { values: jsonOf(root) as JsonObject, reporter };
}

function entriesOf(node: Node | undefined): Entry[] {
  return node?.kind === 'map' ? node.entries : [];
}
