/**
 * A ticket system declared as data: believes and reads what it sends by `tickets.yaml`. What does not fit the form that is
 * declared there is kept as rejected, with words that name the field: it is from whom it says, and somebody must look.
 */
import { Ajv, type ErrorObject } from 'ajv';
import type { DeclaredPerson, DeclaredReading, DeclaredTicketSystem } from '../plan/declared-tickets.ts';
import { defined } from '../plan/defined.ts';
import { errorText } from '../plan/error-text.ts';
import type { Cel, Json, JsonObject, Template } from '../plan/plan.ts';
import {
  bind,
  evaluate,
  evaluateCondition,
  evaluateTemplate,
  evaluateText,
  type Variables,
} from '../workflows/expressions.ts';
import { readJira } from './jira.ts';
import { readServiceNow } from './servicenow.ts';
import { doubtOf } from './signature.ts';
import {
  type Change,
  countOf,
  momentOf,
  object,
  principalOf,
  type Reading,
  type Status,
  same,
  type TicketSystem,
  text,
  webAddress,
} from './ticket-system.ts';

/** Where expressions cannot say it: what changes a log tells of, and forms that differ by the sender. */
const readers: Record<string, TicketSystem['read']> = { jira: readJira, servicenow: readServiceNow };

export function ticketSystemOf(declared: DeclaredTicketSystem): TicketSystem {
  const { name, title, signed, words, setup, reader } = declared;
  const own = reader === undefined ? readerOf(declared) : readers[reader];
  return {
    name,
    title,
    words,
    setup,
    doubt: (delivery, secret) => doubtOf(signed, delivery, secret, title),
    read: own ?? (() => ({ notForUs: `this release has no reader "${reader}"`, unfit: true })),
  };
}

function readerOf(declared: DeclaredTicketSystem): TicketSystem['read'] {
  const fits = new Ajv({ strict: false, allErrors: true }).compile(declared.body);
  return (body) => {
    const missing = unfilled(body);
    if (missing !== undefined)
      return {
        notForUs: `${missing} is a placeholder that ${declared.title} did not fill in. Send the body of \`countersign trigger setup ${declared.name}\``,
      };
    const rule = ruleFor(declared, body, fits(body) ? undefined : problemWords(fits.errors ?? []));
    return rule;
  };
}

function ruleFor(declared: DeclaredTicketSystem, body: JsonObject, unfit: string | undefined): Reading {
  const variables: Variables = { body: bind(body) };
  if (unfit !== undefined)
    return { notForUs: `it is not of the form that ${declared.title} sends: ${unfit}`, unfit: true };
  try {
    const rule = declared.reads.find(({ when }) => when === undefined || evaluateCondition(when, variables));
    if (rule) return readBy(declared.name, rule, body, variables);
    return {
      notForUs: `it is none of the deliveries that are read. Send what \`countersign trigger setup ${declared.name}\` says`,
    };
  } catch (error) {
    return { notForUs: `it cannot be read. ${errorText(error)}`, unfit: true };
  }
}

function readBy(system: string, rule: DeclaredReading, body: JsonObject, variables: Variables): Reading {
  const say = (template: Template | undefined) =>
    template === undefined ? '' : evaluateText(template, variables).trim();
  if (rule.as === 'nothing') return { notForUs: say(rule.says) };
  const key = say(rule.ticket?.key);
  const changeKey = say(rule.key);
  if (!key || !changeKey)
    return {
      notForUs: `it does not name its ticket (${key ? 'the change' : 'its key'} is empty)`,
      unfit: true,
    };
  const id = say(rule.ticket?.id) || key;
  const person = ({ email, id: account, name }: DeclaredPerson = {}) =>
    principalOf(system, say(email), say(account), say(name));
  const compute = (cel: Cel | undefined) => (cel === undefined ? undefined : evaluate(cel, variables));
  const whole = spread(rule.fields === undefined ? body : evaluateTemplate(rule.fields, variables));
  const named = say(rule.field?.name);
  const fields = named
    ? { ...whole, [named]: evaluateTemplate(rule.field?.value ?? null, variables) ?? null }
    : whole;
  const more = Object.entries(rule.more ?? {}).flatMap(([name, template]) => {
    const value = evaluateTemplate(template, variables);
    return value === undefined ? [] : [[name, value]];
  });
  const change: Change = {
    system,
    key: `${id}:${changeKey}`,
    ticket: { system, key, id, url: webAddress(say(rule.ticket?.url)), summary: say(rule.ticket?.summary) },
    by: person(rule.by),
    changed: namesIn(compute(rule.changed)),
    order: defined({ number: countOf(compute(rule.number)), at: momentOf(compute(rule.at)) }),
    payload: { ...(Object.fromEntries(more) as JsonObject), key, id, fields },
  };
  if (rule.as === 'edit') return { edit: change };
  if (rule.as === 'deletion') return { deletion: change };
  const to = statusOf(rule.to, say);
  if (!to) return { notForUs: `${key} came without the status that it moved to`, unfit: true };
  const from = statusOf(rule.from, say);
  // What is only saved again has not moved.
  if (from && isOne(from, to)) return { edit: change };
  return {
    transition: {
      ...change,
      project: say(rule.project),
      type: say(rule.type),
      ...defined({ from }),
      to,
      requester: person(rule.requester),
    },
  };
}

/** Sets of keys under `"..."` stand among the others; of two of a name the later counts, and what is written out first of all. */
function spread(value: Json | undefined): JsonObject {
  const { '...': sets, ...own } = object(value) ?? {};
  const all = [sets ?? []].flat().map((each) => object(each) ?? {});
  return Object.assign({}, ...all, own) as JsonObject;
}

function isOne(a: Status, b: Status): boolean {
  return a.value !== undefined && b.value !== undefined ? a.value === b.value : same(a.label, b.label);
}

function statusOf(
  status: DeclaredReading['to'],
  say: (template: Template | undefined) => string,
): Status | undefined {
  const [label, value] = [say(status?.label), say(status?.value)];
  if (!label && !value) return undefined;
  return { label: label || value, ...defined({ value: value && value !== label ? value : undefined }) };
}

function namesIn(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.map(text).filter(Boolean) : [];
}

/** Where a placeholder stands that should have been filled in: `ticket.id`. */
function unfilled(value: Json, path = ''): string | undefined {
  if (typeof value === 'string') return /^\{\{[^{}]*\}\}$/.test(value.trim()) ? path : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, item] of Object.entries(value)) {
    const found = unfilled(item as Json, path ? `${path}.${key}` : key);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `a, b or c` */
function listInWords(words: readonly unknown[]): string {
  return words
    .filter((word) => word !== null)
    .join(', ')
    .replace(/, ([^,]*)$/, ' or $1');
}

/** Names the fields, and quotes nothing: what stands there is for those alone who may see the delivery. */
function problemWords(errors: readonly ErrorObject[]): string {
  const said = errors
    .filter(({ keyword, params }) => keyword !== 'anyOf' && params.type !== 'null')
    .map(({ instancePath, keyword, params, message }) => {
      const path = instancePath.slice(1).replaceAll('/', '.');
      if (keyword === 'required')
        return `${[path, String(params.missingProperty)].filter(Boolean).join('.')} is missing`;
      if (keyword === 'enum') return `${path} must be ${listInWords(params.allowedValues as unknown[])}`;
      if (keyword === 'type') return `${path || 'it'} must be ${listInWords([params.type].flat())}`;
      return `${path || 'it'} ${message ?? 'does not fit'}`;
    });
  return [...new Set(said)].slice(0, 3).join('; ');
}
