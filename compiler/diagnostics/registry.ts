/** Every diagnostic there is, by code: for `countersign explain`, the reference and the tests. */
import type { Definition } from './diagnostic.ts';
import * as calendars from './registry/calendars.ts';
import * as configuration from './registry/configuration.ts';
import * as connectors from './registry/connectors.ts';
import * as data from './registry/data.ts';
import * as expressions from './registry/expressions.ts';
import * as flow from './registry/flow.ts';
import * as forms from './registry/forms.ts';
import * as inputs from './registry/inputs.ts';
import * as lints from './registry/lints.ts';
import * as names from './registry/names.ts';
import * as references from './registry/references.ts';
import * as signatures from './registry/signatures.ts';
import * as source from './registry/source.ts';
import * as structure from './registry/structure.ts';
import * as tests from './registry/tests.ts';

export type AnyDefinition = Definition<never>;

const families = [
  source,
  structure,
  references,
  expressions,
  names,
  forms,
  inputs,
  flow,
  signatures,
  tests,
  configuration,
  calendars,
  connectors,
  data,
  lints,
];

export const registry: readonly AnyDefinition[] = families
  .flatMap((family) => Object.values(family) as AnyDefinition[])
  .sort((a, b) => (a.code < b.code ? -1 : 1));

/** The diagnostic of a code such as `CS1001`, in capitals or not. */
export function explain(code: string): AnyDefinition | undefined {
  return registry.find((definition) => definition.code === code.toUpperCase());
}

/**
 * A whole runbook of an example that shows only a part of one: the keys that every runbook needs are put before it.
 * Examples of diagnostics and the tests are written this way.
 */
export function completeExample(part: string): string {
  const has = (key: string) => new RegExp(`^\\s{0,2}${key}:`, 'm').test(part);
  const heads: Record<string, string> = {
    runbook: 'example',
    title: 'Example',
    kind: 'other',
    owner: 'role:it-coordinators',
  };
  const head = Object.entries(heads)
    .filter(([key]) => !has(key) && !(key === 'title' && /^titel:/m.test(part)))
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');
  const steps = has('steps') ? '' : '\nsteps:\n  - end: { status: succeeded }\n';
  return `${head}${part}\n${steps}`;
}
