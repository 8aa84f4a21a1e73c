/** What starts a runbook: tickets, people, schedules. */

import { nightProblem, readCron } from '../../organisation/cron.ts';
import { zoneNamed } from '../../organisation/time-zones.ts';
import { defined, unlessEmpty } from '../../plan/defined.ts';
import { isTimezone, timezoneNames } from '../../plan/lexical.ts';
import type { Input, ScheduleTrigger, Template, TicketTrigger, Trigger } from '../../plan/plan.ts';
import { ticketSystemNames } from '../../plan/ticket-systems.ts';
import * as forms from '../diagnostics/registry/forms.ts';
import * as inputCodes from '../diagnostics/registry/inputs.ts';
import * as structure from '../diagnostics/registry/structure.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { dyn } from '../expressions/types.ts';
import { checkNode } from '../schema/check.ts';
import { triggerSchemas, triggerSchemasWith } from '../schema/runbook.ts';
import type { CompileSession } from '../scope/compile-session.ts';
import type { Reading } from '../scope/reading.ts';
import { childOf, describeNode, entryOf, type MapNode, type Node, setOwn, textOf } from '../source/tree.ts';
import { readCondition, readTemplate } from '../values/template.ts';
import type { ReadInputs } from './inputs.ts';

export interface ReadTrigger {
  trigger: Trigger;
  node: MapNode;
  line: number;
}

const triggerKinds = ['ticket', 'manual', 'schedule'];

/** `reading` is where a trigger stands: the organisation is known, inputs and steps are not yet. */
export function readTriggers(node: Node | undefined, inputs: ReadInputs, reading: Reading): ReadTrigger[] {
  if (!node || node.broken) return [];
  if (node.kind !== 'list') return [];
  const found: ReadTrigger[] = [];
  for (const item of node.items) {
    if (item.broken) continue;
    if (item.kind !== 'map') {
      const hint = textOf(item) === 'manual' ? 'Write `- manual: { by: [role:NAME] }`.' : undefined;
      reading.report(structure.wrongKind, item, {
        where: 'A trigger',
        takes: 'a set of keys',
        is: describeNode(item),
        hint,
      });
      continue;
    }
    const trigger = readTrigger(item, inputs, reading);
    if (trigger) found.push({ trigger, node: item, line: reading.session.lineOf(item) });
  }
  reportShadowed(found, reading.session);
  return found;
}

function readTrigger(node: MapNode, inputs: ReadInputs, reading: Reading): Trigger | undefined {
  const has = node.entries.map(({ key }) => key).filter((key) => triggerKinds.includes(key));
  const [kind] = has;
  if (kind === undefined || has.length > 1) {
    const [first] = node.entries;
    const suggestion = first && nearest(first.key, triggerKinds);
    reading.report(inputCodes.noTriggerKind, first?.keyRange ?? node, { has }, { suggestion });
    return undefined;
  }
  const own = reading.session.surroundings.ticketSystems ?? [];
  const schema = (own.length > 0 ? triggerSchemasWith(knownSystems(reading.session)) : triggerSchemas)[kind];
  if (schema) {
    checkNode(node, schema, 'a trigger', {
      reporter: reading.session.reporter,
      belongs: (key) =>
        kind === 'ticket' && ['inputs', 'if', 'cancel', 'amend'].includes(key)
          ? 'It stands beside `ticket`, not in it: indent it less.'
          : undefined,
    });
  }
  const value = childOf(node, kind);
  if (value?.kind !== 'map') return undefined;
  if (kind === 'ticket') return readTicket(node, value, inputs, reading);
  if (kind === 'manual') return readManual(value, reading.session);
  return readSchedule(node, value, inputs, reading);
}

/** Those that ship, and those of the repository. */
function knownSystems({ surroundings }: CompileSession): string[] {
  return [...new Set([...ticketSystemNames, ...(surroundings.ticketSystems ?? [])])];
}

function readManual(own: MapNode, session: CompileSession): Trigger {
  const by = childOf(own, 'by');
  const people = by?.kind === 'list' ? by.items : [];
  for (const person of people) session.checkPerson(person, '`by`');
  return { type: 'manual', by: people.map(textOf).filter((text) => text !== undefined) };
}

function readTicket(node: MapNode, own: MapNode, inputs: ReadInputs, reading: Reading): TicketTrigger {
  const inner = reading.withName('ticket', dyn);
  const plain = (key: string) => reading.session.plainText(childOf(own, key), `\`${key}\``);
  const [system = '', project, ticketType, to = '', from] = ['system', 'project', 'type', 'to', 'from'].map(
    plain,
  );
  // A system that cannot be read at all has been reported as such.
  if (knownSystems(reading.session).includes(system) && reading.session.surroundings.configuration) {
    const at = childOf(own, 'system');
    if (at)
      reading.session.checkConfigured(
        at,
        system,
        'ticket system',
        reading.session.surroundings.configuration.tickets,
      );
  }
  const condition = childOf(node, 'if');
  const cel = condition && readCondition(condition, '`if`', inner)?.cel;
  const given = readGiven(node, inputs, 'ticket', inner);
  const cancel = readCancel(childOf(node, 'cancel'));
  const amend = readAmend(childOf(node, 'amend'), inputs, reading.session);
  return {
    type: 'ticket',
    system,
    ...defined({ project, ticketType }),
    to,
    ...defined({ from, if: cel }),
    inputs: given,
    ...defined({ cancel, amend: unlessEmpty(amend) }),
  };
}

function readCancel(node: Node | undefined): TicketTrigger['cancel'] {
  const to = unlessEmpty(textsOf(childOf(node, 'to')));
  const deleted = childOf(node, 'deleted');
  const says = deleted?.kind === 'scalar' && deleted.value === true ? (true as const) : undefined;
  return to || says ? defined({ to, deleted: says }) : undefined;
}

function readSchedule(node: MapNode, own: MapNode, inputs: ReadInputs, reading: Reading): ScheduleTrigger {
  const cronNode = childOf(own, 'cron');
  const cron = textOf(cronNode);
  const zoneNode = childOf(own, 'timezone');
  const timezone = textOf(zoneNode);
  if (cronNode && cron !== undefined) {
    const line = readCron(cron);
    const zone = timezone === undefined ? undefined : zoneNamed(timezone);
    const now = reading.session.surroundings.now ?? Date.UTC(2026, 0, 1);
    const what = 'problem' in line ? line.problem : zone && nightProblem(line, zone, now);
    if (what) reading.report(forms.badCron, cronNode, { value: cron, what });
  }
  if (zoneNode && timezone !== undefined && !isTimezone(timezone))
    reading.report(
      forms.badTimezone,
      zoneNode,
      { value: timezone },
      { suggestion: nearest(timezone, timezoneNames()) },
    );
  const given = readGiven(node, inputs, 'schedule', reading);
  return { type: 'schedule', cron: cron ?? '', timezone: timezone ?? 'UTC', inputs: given };
}

function readGiven(
  node: MapNode,
  { inputs }: ReadInputs,
  by: 'ticket' | 'schedule',
  reading: Reading,
): Record<string, Template> {
  const value = childOf(node, 'inputs');
  const given: Record<string, Template> = {};
  for (const { key, keyRange, value: own } of value?.kind === 'map' ? value.entries : []) {
    const input: Input | undefined = Object.hasOwn(inputs, key) ? inputs[key] : undefined;
    if (!input) {
      const known = Object.keys(inputs);
      reading.report(
        inputCodes.unknownInput,
        keyRange,
        { name: key, known },
        { suggestion: nearest(key, known) },
      );
    }
    setOwn(given, key, readTemplate(own, input?.schema, { where: `the input \`${key}\`` }, reading));
  }
  const missing = Object.entries(inputs).filter(
    ([key, input]) => input.required && !Object.hasOwn(given, key),
  );
  if (missing.length > 0) {
    const at = node.entries.find(({ key }) => key === by)?.keyRange ?? node;
    reading.report(inputCodes.inputNotGiven, at, {
      names: missing.map(([key]) => key),
      by: by === 'ticket' ? 'ticket trigger' : 'schedule',
    });
  }
  return given;
}

function readAmend(node: Node | undefined, { inputs }: ReadInputs, session: CompileSession): string[] {
  if (node?.kind !== 'list') return [];
  for (const item of node.items) {
    const name = textOf(item);
    if (name === undefined || Object.hasOwn(inputs, name)) continue;
    const known = Object.keys(inputs);
    session.report(inputCodes.unknownInput, item, { name, known }, { suggestion: nearest(name, known) });
  }
  return textsOf(node);
}

function textsOf(node: Node | undefined): string[] {
  return node?.kind === 'list' ? node.items.map(textOf).filter((text) => text !== undefined) : [];
}

function reportShadowed(found: readonly ReadTrigger[], session: CompileSession): void {
  for (const [index, { trigger, node }] of found.entries()) {
    if (trigger.type !== 'ticket') continue;
    const earlier = found
      .slice(0, index)
      .find((other) => other.trigger.type === 'ticket' && covers(other.trigger, trigger));
    if (!earlier) continue;
    const at = entryOf(node, 'ticket')?.keyRange ?? node;
    session.report(inputCodes.shadowedTrigger, at, { line: earlier.line });
  }
}

/** Whether every ticket that the second matches is matched by the first. */
export function covers(first: TicketTrigger, second: TicketTrigger): boolean {
  if (first.if !== undefined && first.if !== second.if) return false;
  if (first.system !== second.system || first.to !== second.to) return false;
  return (['project', 'ticketType', 'from'] as const).every(
    (key) => first[key] === undefined || first[key] === second[key],
  );
}
