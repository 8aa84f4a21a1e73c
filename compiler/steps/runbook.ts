/** `runbook`: another runbook as a run of its own. */

import type { JsonSchema, Plan, Template } from '../../plan/plan.ts';
import * as names from '../diagnostics/registry/names.ts';
import * as structure from '../diagnostics/registry/structure.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { dyn } from '../expressions/types.ts';
import { outputTypesOf } from '../runbook/output-types.ts';
import { childOf, entryOf, textOf } from '../source/tree.ts';
import { readTemplate } from '../values/template.ts';
import type { Reader, StepReading } from './step-reading.ts';

export const readRunbookCall: Reader<'runbook'> = (step) => {
  const { reading, node } = step;
  const nameNode = childOf(node, 'runbook');
  const name = textOf(nameNode);
  if (name === undefined || !nameNode || nameNode.broken) return undefined;
  const called = reading.session.surroundings.runbooks.find(name);
  if (called === 'unknown') {
    const known = reading.session.surroundings.runbooks.names();
    reading.report(names.unknownRunbook, nameNode, { name, known }, { suggestion: nearest(name, known) });
  } else if (called === 'broken') reading.report(names.brokenRunbook, nameNode, { name });
  else if ('circle' in called) reading.report(names.recursion, nameNode, { circle: called.circle });
  const plan = typeof called === 'object' && 'plan' in called ? called.plan : undefined;
  const inputs = readInputs(step, plan);
  return {
    step: { runbook: name, planHash: plan?.hash ?? '', with: inputs },
    output: plan ? outputTypesOf(plan) : dyn,
  };
};

function readInputs({ reading, node }: StepReading, plan: Plan | undefined): Record<string, Template> {
  const value = childOf(node, 'with');
  const where = plan ? `\`with\` of the runbook \`${plan.runbook}\`` : '`with`';
  if (value && value.kind === 'map') {
    const schema = plan && schemaOf(plan);
    // A sealed value may go where the called runbook promises to keep it sealed.
    const result: Record<string, Template> = {};
    const sealed = new Set(
      Object.entries(plan?.inputs ?? {})
        .filter(([, input]) => input.sensitive)
        .map(([key]) => key),
    );
    const [open, closed] = [false, true].map((wanted) => ({
      ...value,
      entries: value.entries.filter(({ key }) => sealed.has(key) === wanted),
    }));
    for (const [part, allowed] of [
      [open, false],
      [closed, true],
    ] as const) {
      if (!part) continue;
      const template = readTemplate(
        part,
        schema && partOf(schema, (key) => sealed.has(key) === allowed),
        { where, sealed: allowed },
        reading,
      );
      Object.assign(result, template);
    }
    return result;
  }
  const at = entryOf(node, 'runbook')?.keyRange ?? node;
  for (const [key, input] of Object.entries(plan?.inputs ?? {})) {
    const about = typeof input.schema.description === 'string' ? input.schema.description : undefined;
    if (input.required) reading.report(structure.missingKey, at, { key, where, about });
  }
  return {};
}

function schemaOf(plan: Plan): JsonSchema {
  const entries = Object.entries(plan.inputs);
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([key, input]) => [key, input.schema])),
    required: entries.filter(([, input]) => input.required).map(([key]) => key),
    additionalProperties: false,
  };
}

function partOf(schema: JsonSchema, keep: (key: string) => boolean): JsonSchema {
  const properties = Object.entries((schema.properties ?? {}) as JsonSchema).filter(([key]) => keep(key));
  const required = Array.isArray(schema.required) ? schema.required.filter((key) => keep(String(key))) : [];
  return { ...schema, properties: Object.fromEntries(properties), required };
}
