/**
 * A delivery as people see it. What a runbook seals as it arrives stands open in the ticket's own words, and those who look at
 * deliveries operate some runbook, which need not be that one: so it is taken out for everybody.
 */
import type { Json, JsonObject, Plan } from '../plan/plan.ts';
import { fieldsOf, mapInputs, ticketTriggers } from '../tickets/match.ts';
import { ticketSystem } from '../tickets/systems.ts';
import { changeIn, parseBody, type Reading } from '../tickets/ticket-system.ts';
import { textsIn } from '../vault/references.ts';

export const sealedText = '(sealed)';
/** A shorter value stands within other texts by chance; alone it is taken out however short it is. */
const shortestWithin = 4;

/** What of a body runbooks seal: names of fields, and the values that these have in it. */
interface Hidden {
  fields: Set<string>;
  values: string[];
}

/** The body with what any runbook of this ticket system seals taken out, and what is read in that. */
export function shownDelivery(system: string, body: string, plans: Iterable<Plan>) {
  const known = ticketSystem(system);
  const parsed = parseBody(body);
  const hidden = hiddenIn(system, parsed, plans);
  if (hidden.fields.size === 0 && hidden.values.length === 0)
    return { body, reading: parsed && known?.read(parsed) };
  if (!parsed)
    return {
      body: `(${Buffer.byteLength(body)} bytes that cannot be read, so nobody knows what is sealed in them)`,
    };
  const shown = without(parsed, hidden) as JsonObject;
  return { body: JSON.stringify(shown, null, 2), reading: known?.read(shown) };
}

function hiddenIn(system: string, body: JsonObject | undefined, plans: Iterable<Plan>): Hidden {
  const payload = payloadIn(body && ticketSystem(system)?.read(body));
  const hidden: Hidden = { fields: new Set(), values: [] };
  for (const plan of plans) {
    for (const trigger of ticketTriggers(plan, system)) {
      const mapping = Object.fromEntries(
        Object.entries(trigger.inputs).filter(([name]) => plan.inputs[name]?.sensitive),
      );
      for (const template of Object.values(mapping))
        for (const field of fieldsOf(template)) hidden.fields.add(field.replace(/^variables\./, ''));
      if (payload) hidden.values.push(...textsIn(mapInputs(mapping, payload).inputs));
    }
  }
  return hidden;
}

function payloadIn(reading: Reading | undefined): JsonObject | undefined {
  if (!reading || 'notForUs' in reading) return undefined;
  return changeIn(reading).change.payload;
}

function without(value: Json, hidden: Hidden): Json {
  if (Array.isArray(value)) return value.map((item) => without(item, hidden));
  if (typeof value !== 'object' || value === null) return withoutValue(value, hidden.values);
  // A list of changes names the field in one entry, and what it was and is in others.
  const names = [value.field, value.fieldId, value.name];
  const tells = names.some((name) => typeof name === 'string' && hidden.fields.has(name));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const isName = key === 'field' || key === 'fieldId' || key === 'name';
      return [key, hidden.fields.has(key) || (tells && !isName) ? sealedText : without(item, hidden)];
    }),
  );
}

function withoutValue(value: string | number | boolean | null, values: readonly string[]): Json {
  if (typeof value !== 'string') return values.includes(String(value)) ? sealedText : value;
  if (values.includes(value)) return sealedText;
  return values
    .filter((each) => each.length >= shortestWithin)
    .reduce((text, each) => text.replaceAll(each, sealedText), value);
}
