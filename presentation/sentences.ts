/** What a plan says, as a person would say it. */
import { type ASTNode, serialize } from '@marcbachmann/cel-js';
import { pathOf } from '../compiler/expressions/facts.ts';
import { parseExpression } from '../compiler/expressions/parse.ts';
import { code, enumerated, type Inline } from '../plan/document.ts';
import { spaced } from '../plan/durations-and-quorums.ts';
import type { Plan, Step, Template, Trigger } from '../plan/plan.ts';
import { ticketSystemTitles } from '../plan/ticket-systems.ts';

const ordinals = ['first', 'second', 'third', 'fourth', 'fifth'];

function roleWords(person: string): string {
  return person.startsWith('role:') ? `somebody of ${person.slice(5)}` : person;
}

export class PlanSentences {
  private readonly titles = new Map<string, string>();

  constructor(plan: Plan, steps: readonly Step[]) {
    for (const step of steps) this.titles.set(step.id, step.title ?? step.id);
    for (const [name, { schema }] of Object.entries(plan.inputs)) {
      const about =
        typeof schema.description === 'string' ? schema.description.replace(/^[Tt]he |\.$/g, '') : '';
      // A description that is a name, not a sentence.
      this.titles.set(
        `inputs.${name}`,
        about !== '' && about.length <= 40 ? lowerFirst(about) : spaced(name),
      );
    }
  }

  title(id: string): string {
    return this.titles.get(id) ?? id;
  }

  /** A value: text as it is, simple expressions in words, others as code. */
  value(template: Template): Inline[] {
    if (typeof template === 'string') return [template.trim()];
    if (template === null || typeof template !== 'object') return [code(String(template))];
    if (Array.isArray(template)) return enumerated(template.map((item) => this.value(item)));
    if (typeof template.$expr === 'string') return this.expression(template.$expr);
    if (typeof template.$secret === 'string') return [`the secret ${template.$secret}`];
    if (Array.isArray(template.$text)) {
      // Spaces around what is computed are the author's own.
      return template.$text.flatMap((part) => (typeof part === 'string' ? [part] : this.value(part)));
    }
    return enumerated(
      Object.entries(template).map(([key, value]) => [`${spaced(key)}: `, ...this.value(value)]),
    );
  }

  expression(source: string): Inline[] {
    const ast = parseExpression(source, () => {});
    return ast ? this.node(ast) : [code(source)];
  }

  private node(node: ASTNode): Inline[] {
    const path = pathOf(node);
    if (path !== undefined) return [{ quiet: this.path(path) }];
    if (node.op === 'value' && typeof node.args === 'string') return [roleWords(node.args)];
    // Texts put together; sums of numbers read well enough this way too.
    if (node.op === '+') return [...this.node(node.args[0]), ...this.node(node.args[1])];
    if (node.op === 'call') {
      const [name, [first, second]] = node.args;
      // The compiler writes `double` where a number is computed with.
      if (first && ['join', 'formatDate', 'string', 'double', 'lower', 'trim'].includes(name))
        return this.node(first);
      if (first && second && name === 'default') return this.withFallback(first, second);
    }
    if (node.op === 'rcall') {
      const [name, receiver, [fallback]] = node.args;
      if (name === 'nonNull') return this.node(receiver);
      if (name === 'orValue' && fallback) return this.withFallback(receiver, fallback);
    }
    if (node.op === '?:') {
      const [condition, yes, no] = node.args;
      return [...this.node(yes), ' if ', code(serialize(condition)), ', otherwise ', ...this.node(no)];
    }
    if (node.op === '[]' && node.args[1].op === 'value' && typeof node.args[1].args === 'bigint')
      return [
        `the ${ordinals[Number(node.args[1].args)] ?? `item ${node.args[1].args}`} of `,
        ...this.node(node.args[0]),
      ];
    return [code(serialize(node))];
  }

  private withFallback(value: ASTNode, instead: ASTNode): Inline[] {
    const fallback = this.node(instead);
    if (fallback.every((part) => part === '')) return this.node(value);
    return [...this.node(value), ' (or ', ...fallback, ')'];
  }

  private path(path: string): string {
    const [root = '', name = '', part, field] = path.split('.');
    if (root === 'inputs' && part === undefined) return `the ${this.title(path)}`;
    if (root === 'steps' && part === 'output' && field)
      return `the ${spaced(field)} from “${this.title(name)}”`;
    if (root === 'steps' && part === 'approvers') return `who signed “${this.title(name)}”`;
    if (root === 'ticket') return `the ticket’s ${spaced(name)}`;
    if (path === 'run.requester') return 'who asked';
    if (root === 'organisation') return `the organisation’s ${spaced(name)}`;
    return spaced(path.replaceAll('.', ' '));
  }

  condition(source: string): Inline[] {
    const plain = source.trim();
    const simple = /^inputs\.(\w+)$/.exec(plain)?.[1];
    if (simple) return [{ quiet: this.title(`inputs.${simple}`) }, ' is yes'];
    const not = /^!inputs\.(\w+)$/.exec(plain)?.[1];
    if (not) return [{ quiet: this.title(`inputs.${not}`) }, ' is no'];
    const status = /^steps\.(\w+)\.status (==|!=) "(\w+)"$/.exec(plain);
    if (status)
      return [`“${this.title(status[1] ?? '')}” ${status[2] === '==' ? 'is' : 'is not'} ${status[3]}`];
    const member = /^"([^"\\]*)" in inputs\.(\w+)$/.exec(plain);
    if (member) return [`${member[1]} is among `, { quiet: `the ${this.title(`inputs.${member[2]}`)}` }];
    const equal = /^inputs\.(\w+) == "([^"\\]*)"$/.exec(plain);
    if (equal) return [{ quiet: `the ${this.title(`inputs.${equal[1]}`)}` }, ` is ${equal[2]}`];
    return [code(plain)];
  }

  /** Those who are asked: a role by its name, a person by the address. */
  person(template: Template): Inline[] {
    if (typeof template === 'string' && template.startsWith('role:'))
      return [`somebody of ${template.slice(5)}`];
    return this.value(template);
  }
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

export function startWords(trigger: Trigger): Inline[] {
  switch (trigger.type) {
    case 'manual':
      return [
        'It is started by hand by ',
        ...enumerated(
          trigger.by.map((who) => [who.replace(/^role:/, '')]),
          'or',
        ),
        '.',
      ];
    case 'schedule':
      return ['It starts on a schedule: ', code(trigger.cron), ` (${trigger.timezone}).`];
    case 'ticket': {
      const { system, project, ticketType, to, from, if: condition } = trigger;
      const about = [ticketType && `of type “${ticketType}”`, project && `in ${project}`]
        .filter(Boolean)
        .join(' ');
      return [
        `A ticket ${about ? `${about} ` : ''}of ${systemName(system)} starts it when it becomes “${to}”`,
        from === undefined ? '' : ` from “${from}”`,
        ...(condition === undefined ? [] : [', if ', code(condition)]),
        '.',
        ...laterWords(trigger),
      ];
    }
  }
}

/** What later changes of the ticket do to the run. */
function laterWords({ cancel, amend }: Extract<Trigger, { type: 'ticket' }>): Inline[] {
  const ends = [
    ...(cancel?.to ? [`becomes ${cancel.to.map((status) => `“${status}”`).join(' or ')}`] : []),
    ...(cancel?.deleted ? ['is deleted'] : []),
  ].join(' or ');
  const follows = amend?.map(spaced).join(' and ');
  return [
    ends ? ` Once it ${ends}, the run is stopped and what was done is taken back.` : '',
    follows ? ` An edit of its ${follows} changes the run.` : '',
  ];
}

function systemName(system: string): string {
  const names: Record<string, string> = ticketSystemTitles;
  return names[system] ?? system;
}
