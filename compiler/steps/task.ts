/** `task`: a person does it by hand and reports it with a form. */

import { defined, unlessEmpty } from '../../plan/defined.ts';
import type { JsonSchema } from '../../plan/plan.ts';
import * as signatures from '../diagnostics/registry/signatures.ts';
import { typeOfSchema } from '../expressions/from-schema.ts';
import { type Field, objectType } from '../expressions/types.ts';
import { readInputSchema } from '../runbook/input-schema.ts';
import { childOf, entryOf, setOwn, textOf } from '../source/tree.ts';
import { readText } from '../values/template.ts';
import { readPeopleTemplate } from './people.ts';
import type { Reader } from './step-reading.ts';

export const readTask: Reader<'task'> = ({ reading, node }) => {
  const task = childOf(node, 'task');
  if (task?.kind !== 'map') return undefined;
  const to = readPeopleTemplate(childOf(task, 'to'), '`to`', reading);
  const instructionsNode = childOf(task, 'instructions');
  const instructions = instructionsNode
    ? readText(instructionsNode, { where: '`instructions`' }, reading)
    : '';
  const form: Record<string, JsonSchema> = {};
  const fields: Record<string, Field> = {};
  const optional: string[] = [];
  const sensitive: string[] = [];
  const formNode = childOf(task, 'form');
  for (const { key, keyRange, value } of formNode?.kind === 'map' ? formNode.entries : []) {
    reading.session.checkId(keyRange, key, 'the name of a field', false);
    const read = readInputSchema(value, `the field \`${key}\``, reading.session);
    if (!read) continue;
    const amend = value.kind === 'map' && entryOf(value, 'amend');
    if (amend)
      reading.report(signatures.amendNothing, amend.keyRange, { what: 'a field of a form', on: 'the task' });
    setOwn(form, key, read.schema);
    if (read.optional) optional.push(key);
    if (read.sensitive) sensitive.push(key);
    const { type, nullable } = typeOfSchema(read.schema);
    setOwn(fields, key, {
      type: read.sensitive ? { kind: 'sealed', of: type } : type,
      ...defined({ optional: read.optional ? true : undefined, nullable: nullable ? true : undefined }),
    });
  }
  const within = reading.session.duration(childOf(task, 'within'), '`within`');
  const goesOn = textOf(childOf(task, 'onExpiry')) === 'continue';
  return {
    step: {
      to,
      instructions,
      form,
      ...defined({
        optional: unlessEmpty(optional),
        sensitive: unlessEmpty(sensitive),
        within,
        onExpiry: goesOn ? ('continue' as const) : undefined,
      }),
    },
    output: objectType(fields),
    outputMayLack: goesOn ? 'the task may not have been done in time' : undefined,
    statuses: ['expired'],
  };
};
