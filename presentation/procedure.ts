/** A runbook as the procedure a person would follow. */

import type { ActionDescription } from '../plan/catalogue.ts';
import {
  type Block,
  capitalised,
  code,
  enumerated,
  heading,
  type Inline,
  list,
  paragraph,
  prose,
  strong,
} from '../plan/document.ts';
import { spaced } from '../plan/durations-and-quorums.ts';
import { innerSteps } from '../plan/inner-steps.ts';
import { jsonTypeWords } from '../plan/json-types.ts';
import type { Input, Plan, Step } from '../plan/plan.ts';
import { descriptionOf, hasFlow } from '../plan/step-descriptions.ts';
import { type CoverWords, coversInWords } from './cover.ts';
import { plainText } from './plain-text.ts';
import { PlanSentences, startWords } from './sentences.ts';

/** `actions` gives each action its title in words. */
export function procedureOf(plan: Plan, actions: ReadonlyMap<string, ActionDescription>): Block[] {
  const writer = new Writer(plan, actions);
  return [
    heading(1, plan.title),
    ...(plan.description ? [paragraph(plan.description)] : []),
    paragraph(
      strong('Owner:'),
      ' ',
      plan.owner.replace(/^role:/, ''),
      '. ',
      strong('Kind:'),
      ' ',
      plan.kind,
      '. ',
      strong('Runbook:'),
      ' ',
      code(plan.runbook),
      ', version ',
      code(plan.hash.slice(0, 12)),
      '.',
    ),
    ...(plan.triggers.length > 0
      ? [heading(2, 'When it starts'), list(plan.triggers.map((each) => [paragraph(...startWords(each))]))]
      : []),
    ...writer.inputs(),
    ...writer.change(),
    heading(2, 'The procedure'),
    ...writer.steps(plan.steps, ''),
    ...(plan.finally.length > 0
      ? [
          heading(2, 'In any case, at the end'),
          paragraph('Whether it succeeded, was refused or was called off:'),
          ...writer.steps(plan.finally, 'E'),
        ]
      : []),
    ...writer.failure(),
    ...writer.outputs(),
  ];
}

function everyStep(steps: readonly Step[]): Step[] {
  return steps.flatMap((step) => [step, ...innerSteps(step).flatMap(everyStep)]);
}

class Writer {
  private readonly plan: Plan;
  private readonly actions: ReadonlyMap<string, ActionDescription>;
  private readonly all: Step[];
  private readonly words: PlanSentences;
  private readonly covers: CoverWords[];

  constructor(plan: Plan, actions: ReadonlyMap<string, ActionDescription>) {
    this.plan = plan;
    this.actions = actions;
    this.all = everyStep([...plan.steps, ...plan.finally]);
    this.words = new PlanSentences(plan, this.all);
    this.covers = coversInWords(plan);
  }

  inputs(): Block[] {
    const entries = Object.entries(this.plan.inputs);
    if (entries.length === 0) return [];
    const rows = entries.map(([name, input]) => [[code(name)], [aboutInput(name, input)], inputRule(input)]);
    return [heading(2, 'What must be known'), { type: 'table', head: ['Input', 'What it is', 'Rule'], rows }];
  }

  change(): Block[] {
    const { change } = this.plan;
    if (!change) return [];
    const items = Object.entries(change).map(([key, value]) => [
      paragraph(strong(`${key.charAt(0).toUpperCase()}${key.slice(1)}:`), ' ', ...this.words.value(value)),
    ]);
    return [heading(2, 'The change'), list(items)];
  }

  /** Steps one below the other as headings; those inside as a list. */
  steps(steps: readonly Step[], prefix: string): Block[] {
    return steps.flatMap((step, index) => {
      const number = `${prefix}${index + 1}`;
      return [heading(3, `${number}. ${titleOf(step, this.actions)}`), ...this.body(step, number)];
    });
  }

  private nested(steps: readonly Step[], prefix: string): Block {
    return list(
      steps.map((step, index) => {
        const number = `${prefix}.${index + 1}`;
        return [paragraph(strong(`${number} ${titleOf(step, this.actions)}`)), ...this.body(step, number)];
      }),
    );
  }

  private body(step: Step, number: string): Block[] {
    const only =
      step.if === undefined || hasFlow(step, 'choice')
        ? []
        : [paragraph('Only if ', ...this.words.condition(step.if), '.')];
    const failure =
      step.onError === 'continue'
        ? [paragraph('If it fails, the procedure goes on without it.')]
        : step.onError === 'abort'
          ? [paragraph('If it fails, the run is called off and taken back.')]
          : [];
    const leave = step.amend ? [paragraph(`${amendWords[step.amend]('What a person enters for it')}.`)] : [];
    return [...only, ...this.own(step, number), ...leave, ...failure];
  }

  private own(step: Step, number: string): Block[] {
    const { words } = this;
    const told = descriptionOf(step).sentences(step, {
      action: (uses) => actionTitle(uses, this.actions),
      person: (template) => words.person(template),
      value: (template) => words.value(template),
      expression: (source) => words.expression(source),
      condition: (source) => words.condition(source),
      // What stands inside a step of a plan is a step of a plan.
      inside: (steps, suffix = '') => this.nested(steps as readonly Step[], `${number}${suffix}`),
    });
    return [...told, ...this.cover(step.id)];
  }

  /** What the signatures stand for besides what is shown. */
  private cover(gate: string): Block[] {
    const more = this.covers.find((each) => each.gate === gate)?.more ?? [];
    if (more.length === 0) return [];
    return [
      paragraph('The signatures also stand for:'),
      list(more.map(({ from, names }) => [paragraph(...capitalised(prose(from)), `: ${names.join(', ')}.`)])),
    ];
  }

  failure(): Block[] {
    const undone = this.all.filter((step) => step.kind === 'action' && step.undo);
    const called = [...new Set(this.all.flatMap((step) => (step.kind === 'runbook' ? [step.runbook] : [])))];
    const theirs: Inline[] =
      called.length > 0
        ? ['What ', ...enumerated(called.map((name) => [code(name)])), ' did is taken back as said there.']
        : [];
    return [
      heading(2, 'When something goes wrong'),
      paragraph(
        `A step that fails is tried again by itself. If it still fails, the run waits there, and ${this.plan.owner.replace(/^role:/, '')} is told, who may try it again, do it by hand, leave it out with a reason, or call the run off.`,
      ),
      paragraph(
        ...(undone.length > 0
          ? [
              'When the run is called off, these are taken back, the last first: ',
              ...enumerated(undone.map((step) => [`“${titleOf(step, this.actions)}”`])),
              theirs.length > 0 ? '. ' : '.',
              ...theirs,
            ]
          : theirs.length > 0
            ? ['When the run is called off: ', ...lowerFirst(theirs)]
            : ['Nothing of it can be taken back by itself.']),
      ),
    ];
  }

  outputs(): Block[] {
    const entries = Object.entries(this.plan.outputs);
    if (entries.length === 0) return [];
    return [
      heading(2, 'What it gives'),
      list(entries.map(([name, value]) => [paragraph(`${spaced(name)}: `, ...this.words.value(value))])),
    ];
  }
}

function lowerFirst([first, ...rest]: Inline[]): Inline[] {
  return typeof first === 'string'
    ? [first.charAt(0).toLowerCase() + first.slice(1), ...rest]
    : [first ?? '', ...rest];
}

export function titleOf(step: Step, actions: ReadonlyMap<string, ActionDescription>): string {
  return step.title ?? descriptionOf(step).title(step, (uses) => actionTitle(uses, actions));
}

/** A title in a picture: an end says how. */
export function captionOf(step: Step, title: string): string {
  return hasFlow(step, 'end') ? `${title}: ${step.kind === 'end' ? step.status : 'failed'}` : title;
}

function actionTitle(uses: string, actions: ReadonlyMap<string, ActionDescription>): string {
  return actions.get(uses)?.title ?? uses;
}

function aboutInput(name: string, { schema }: Input): Inline {
  return typeof schema.description === 'string' ? schema.description : spaced(name);
}

/** For people who never see JSON. */
const typeWords: Record<string, string> = {
  ...jsonTypeWords,
  boolean: 'yes or no',
  object: 'a set of values',
};
const formatWords: Record<string, string> = {
  email: 'an e-mail address',
  date: 'a date',
  'date-time': 'a date and time',
  uri: 'a web address',
};

const amendWords = {
  free: (what: string) => `${what} takes effect at once, though it was signed`,
  afterwards: (what: string) => `${what} takes effect at once, and is signed afterwards`,
};

function inputRule({ schema, required, default: fallback, sensitive, amend }: Input): Inline[] {
  const choices = Array.isArray(schema.enum) ? schema.enum.map(String) : undefined;
  const kind = choices
    ? `one of ${choices.map(plainText).join(', ')}`
    : (formatWords[String(schema.format)] ?? typeWords[String(schema.type)] ?? 'any value');
  const more =
    fallback !== undefined ? `; without it: ${plainText(fallback)}` : required ? '' : '; may be left out';
  return [
    `${kind}${more}${sensitive ? '; kept sealed' : ''}${amend ? `; ${amendWords[amend]('a change')}` : ''}`,
  ];
}
