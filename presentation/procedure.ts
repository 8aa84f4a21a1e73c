/** A runbook as the procedure a person would follow. */
import type { ActionDescription } from '../plan/catalogue.ts';
import { quorumText } from '../plan/durations-and-quorums.ts';
import { innerSteps } from '../plan/inner-steps.ts';
import type { Input, Plan, Step, Template } from '../plan/plan.ts';
import { type Block, code, enumerated, heading, type Inline, list, paragraph, strong } from './model.ts';
import { lengthOf, PlanSentences, spaced, startWords } from './sentences.ts';

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

  constructor(plan: Plan, actions: ReadonlyMap<string, ActionDescription>) {
    this.plan = plan;
    this.actions = actions;
    this.all = everyStep([...plan.steps, ...plan.finally]);
    this.words = new PlanSentences(plan, this.all);
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
      step.if === undefined || step.kind === 'group'
        ? []
        : [paragraph('Only if ', ...this.words.condition(step.if), '.')];
    const failure =
      step.onError === 'continue'
        ? [paragraph('If it fails, the procedure goes on without it.')]
        : step.onError === 'abort'
          ? [paragraph('If it fails, the run is called off and taken back.')]
          : [];
    return [...only, ...this.own(step, number), ...failure];
  }

  private own(step: Step, number: string): Block[] {
    const { words } = this;
    switch (step.kind) {
      case 'action':
        return this.action(step);
      case 'approve':
        return this.approval(step);
      case 'task':
        return [
          paragraph(
            ...capital(words.person(step.to)),
            ' does this by hand',
            step.within ? ` within ${lengthOf(step.within)}` : '',
            ': ',
            ...words.value(step.instructions),
          ),
          ...(Object.keys(step.form).length > 0
            ? [
                paragraph(
                  'They report: ',
                  ...enumerated(Object.keys(step.form).map((key) => [spaced(key)])),
                  '.',
                ),
              ]
            : []),
          ...(step.onExpiry ? [paragraph('If it is not done in time, the procedure goes on.')] : []),
        ];
      case 'wait':
        if (step.for) return [paragraph(`Wait ${lengthOf(step.for)}.`)];
        if (step.until !== undefined) return [paragraph('Wait until ', ...words.value(step.until), '.')];
        return [
          paragraph(
            'Wait for the event ',
            code(step.event?.name ?? ''),
            ' of ',
            ...words.value(step.event?.key ?? ''),
            step.within ? `, for at most ${lengthOf(step.within)}` : '',
            '.',
            step.onExpiry ? ' After that, go on.' : '',
          ),
        ];
      case 'window':
        return [
          paragraph(
            `Wait for the next window of the calendar ${step.calendar}`,
            step.freeze.length > 0 ? `, outside the freeze ${step.freeze.join(', ')}` : '',
            step.needs ? `, with at least ${lengthOf(step.needs)} left` : '',
            '. Then:',
          ),
          this.nested(step.steps, number),
          paragraph(
            {
              undo: 'When the window ends before this is done, it is taken back.',
              finish: 'When the window ends before this is done, it is finished all the same.',
              park: 'When the window ends before this is done, it stops and its owner is told.',
            }[step.overrun],
          ),
        ];
      case 'parallel':
        return [
          paragraph('All of these at the same time:'),
          list(
            Object.entries(step.branches).map(([name, branch], index) => [
              paragraph(strong(spaced(name))),
              this.nested(branch, `${number}${String.fromCharCode(97 + (index % 26))}`),
            ]),
          ),
        ];
      case 'forEach':
        return [
          paragraph(
            'For each ',
            { quiet: spaced(step.as) },
            ' of ',
            ...words.expression(step.items),
            step.concurrency > 1 ? `, up to ${step.concurrency} at once` : '',
            ':',
          ),
          this.nested(step.steps, number),
          ...(step.tolerate
            ? [
                paragraph(
                  `At most ${'count' in step.tolerate ? step.tolerate.count : `${Math.round(step.tolerate.fraction * 100)}%`} of them may fail.`,
                ),
              ]
            : []),
        ];
      case 'group':
        return [
          ...(step.if === undefined ? [] : [paragraph('If ', ...words.condition(step.if), ':')]),
          this.nested(step.steps, number),
          ...(step.else ? [paragraph('Otherwise:'), this.nested(step.else, `${number}b`)] : []),
        ];
      case 'repeat':
        return [
          paragraph(
            `Every ${lengthOf(step.every)}, `,
            typeof step.atMost === 'number'
              ? `at most ${step.atMost} times`
              : `for at most ${lengthOf(step.atMost)}`,
            ', until ',
            ...words.condition(step.until),
            ':',
          ),
          this.nested(step.steps, number),
        ];
      case 'runbook':
        return [
          paragraph(
            'Follow the procedure ',
            code(step.runbook),
            this.withText(step.with).length > 0 ? ', with:' : '.',
          ),
          ...this.values(step.with),
        ];
      case 'end':
        return [
          paragraph(
            `The run ends here as ${step.status}`,
            ...(step.reason === undefined ? [] : [': ', ...words.value(step.reason)]),
            '.',
          ),
        ];
    }
  }

  private action(step: Step & { kind: 'action' }): Block[] {
    const title = this.actions.get(step.uses)?.title ?? step.uses;
    const inputs = this.withText(step.with);
    return [
      paragraph(`${title} (`, code(step.uses), ')', inputs.length > 0 ? ', with:' : '.'),
      ...this.values(step.with),
      ...(step.undo
        ? [
            paragraph(
              'Can be taken back: ',
              `${this.actions.get(step.undo.uses)?.title ?? step.undo.uses} (`,
              code(step.undo.uses),
              ')',
              ...(step.undo.if === undefined ? [] : [', only if ', ...this.words.condition(step.undo.if)]),
              '.',
            ),
          ]
        : []),
    ];
  }

  private approval(step: Step & { kind: 'approve' }): Block[] {
    const signers = step.from.map((from) => this.words.person(from));
    const leftOut = (step.except ?? []).map((person) => this.words.person(person));
    const shown =
      step.show && typeof step.show === 'object' && !Array.isArray(step.show) ? Object.keys(step.show) : [];
    return [
      paragraph(
        ...capital(enumerated(signers, 'or')),
        ` must sign (${quorumText(step.quorum)})`,
        step.within ? ` within ${lengthOf(step.within)}` : '',
        '.',
        step.remind ? ` They are reminded after ${lengthOf(step.remind)}.` : '',
        ...(step.escalate === undefined
          ? []
          : [' When the time has passed, ', ...this.words.person(step.escalate), ' is asked too.']),
        ...(leftOut.length > 0 ? [' Not by ', ...enumerated(leftOut, 'or'), '.'] : []),
      ),
      ...(shown.length > 0
        ? [paragraph('They are shown: ', ...enumerated(shown.map((key) => [spaced(key)])), '.')]
        : []),
      paragraph(
        step.retroactive
          ? 'What follows goes ahead meanwhile; the run does not end before this is signed.'
          : step.onReject
            ? 'After a refusal the procedure goes on as described below.'
            : 'Without the signature nothing below happens: the run ends as rejected, and what was done is taken back.',
      ),
    ];
  }

  private withText(given: Template): [string, Template][] {
    return given && typeof given === 'object' && !Array.isArray(given) ? Object.entries(given) : [];
  }

  private values(given: Template): Block[] {
    const entries = this.withText(given);
    if (entries.length === 0) return [];
    return [list(entries.map(([key, value]) => [paragraph(`${spaced(key)}: `, ...this.words.value(value))]))];
  }

  failure(): Block[] {
    const undone = this.all.filter((step) => step.kind === 'action' && step.undo);
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
              '.',
            ]
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

export function titleOf(step: Step, actions: ReadonlyMap<string, ActionDescription>): string {
  if (step.title) return step.title;
  switch (step.kind) {
    case 'action':
      return actions.get(step.uses)?.title ?? step.uses;
    case 'approve':
      return 'A signature';
    case 'task':
      return 'A task by hand';
    case 'wait':
      return 'A wait';
    case 'window':
      return 'In a window';
    case 'parallel':
      return 'At the same time';
    case 'forEach':
      return `For each ${spaced(step.as)}`;
    case 'group':
      return step.if === undefined ? 'Together' : 'Depending on the case';
    case 'repeat':
      return 'Until it is so';
    case 'runbook':
      return `Another procedure: ${step.runbook}`;
    case 'end':
      return 'The end';
  }
}

function aboutInput(name: string, { schema }: Input): Inline {
  return typeof schema.description === 'string' ? schema.description : spaced(name);
}

const kindWords: Record<string, string> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'yes or no',
  array: 'a list',
  object: 'a set of values',
};
const formatWords: Record<string, string> = {
  email: 'an e-mail address',
  date: 'a date',
  'date-time': 'a date and time',
  uri: 'a web address',
};

function inputRule({ schema, required, default: fallback, sensitive }: Input): Inline[] {
  const choices = Array.isArray(schema.enum) ? schema.enum.map(String) : undefined;
  const kind = choices
    ? `one of ${choices.join(', ')}`
    : (formatWords[String(schema.format)] ?? kindWords[String(schema.type)] ?? 'any value');
  const more =
    fallback !== undefined
      ? `; without it: ${JSON.stringify(fallback)}`
      : required
        ? ''
        : '; may be left out';
  return [`${kind}${more}${sensitive ? '; kept sealed' : ''}`];
}

function capital(parts: Inline[]): Inline[] {
  const [first, ...rest] = parts;
  const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
  if (typeof first === 'string') return [upper(first), ...rest];
  return first && 'quiet' in first ? [{ quiet: upper(first.quiet) }, ...rest] : parts;
}
