/** `approve`: people are asked for their signature. */
import { capitalised, enumerated, type Inline, paragraph } from '../document.ts';
import { durationText, lengthOf, quorumText, spaced, templateText } from '../durations-and-quorums.ts';
import type { JsonSchema, Length, Quorum, StepBase, Template } from '../values.ts';
import { length, object, people, text } from './schemas.ts';
import type { StepDescription } from './step-kind.ts';

export interface ApproveStep extends StepBase {
  kind: 'approve';
  /** E-mail addresses and `role:NAME`, each a template. */
  from: Template[];
  /** Who may not sign, though asked for by `from`: the same kinds of names. */
  except?: Template[];
  quorum: Quorum;
  within?: Length;
  remind?: Length;
  escalate?: Template;
  show?: Template;
  /** What whoever approves fills in: field name -> JSON Schema. Part of what is signed. */
  form?: Record<string, JsonSchema>;
  /** Fields that may be left empty. */
  optional?: string[];
  retroactive?: true;
  onReject?: 'continue';
}

export const approve = {
  rank: 2,
  key: 'approve',
  words: 'an approval',
  tag: 'signature',
  required: ['approve'],
  keys: {
    approve: object(
      {
        from: people('Who is asked: e-mail addresses, role:NAME, or expressions that give them.'),
        except: people(
          'Who may not sign here, though they are among those asked: e-mail addresses, role:NAME, or expressions that give them. Whoever asked for the run never may.',
        ),
        quorum: {
          description: 'How many must agree: a number, majority, or all.',
          anyOf: [{ type: 'integer', minimum: 1 }, { enum: ['majority', 'all'] }],
        },
        within: length('By when it must be given.'),
        remind: length('After how long those who have not answered are reminded.'),
        escalate: text('Who is asked in addition when the time has passed. Without it the run is rejected.'),
        show: { type: 'object', description: 'What the people asked see, beside the inputs.' },
        form: {
          type: 'object',
          additionalProperties: { $ref: '#/$defs/input' },
          description:
            'What whoever approves fills in, and signs with it: a name and a JSON Schema for each field. Where several must sign, all sign the same values.',
        },
        retroactive: {
          type: 'boolean',
          description: 'The steps after it go on; the run does not end before it is given.',
        },
        onReject: { enum: ['abort', 'continue'], description: 'What happens when it is refused.' },
      },
      ['from'],
      'Asks people for their signature.',
    ),
  },
  example: `- approve: { from: [role:it-managers], within: 2 business days }`,
  inside: [],
  flow: 'gate',
  picture: 'signature',
  waitsFor: () => 'people',
  title: () => 'A signature',
  does: (step) => [
    [
      `signed by ${step.from.map(templateText).join(takesSeveral(step) ? ' and ' : ' or ')}`,
      quorumText(step.quorum),
      ...(step.within ? [`within ${durationText(step.within)}`] : []),
      ...(step.escalate === undefined ? [] : [`then ${templateText(step.escalate)} too`]),
      ...(step.form ? [`with ${Object.keys(step.form).map(spaced).join(', ')}`] : []),
      ...(step.retroactive ? ['afterwards'] : []),
      ...(step.onReject ? ['goes on after a refusal'] : []),
    ].join(', '),
  ],
  sentences: (step, tell) => {
    const leftOut = (step.except ?? []).map((person) => tell.person(person));
    return [
      paragraph(
        ...capitalised(
          enumerated(
            step.from.map((from) => everybody(tell.person(from), step)),
            takesSeveral(step) ? 'and' : 'or',
          ),
        ),
        mustSign(step),
        step.within ? ` within ${lengthOf(step.within)}` : '',
        '.',
        step.remind ? ` They are reminded after ${lengthOf(step.remind)}.` : '',
        ...(step.escalate === undefined
          ? []
          : [' When the time has passed, ', ...tell.person(step.escalate), ' is asked too.']),
        ...(leftOut.length > 0 ? [' Not by ', ...enumerated(leftOut, 'or'), '.'] : []),
      ),
      ...shown(step),
      ...filledIn(step),
      paragraph(meaning(step)),
    ];
  },
} satisfies StepDescription<ApproveStep>;

/** All of them, or most: then "one or another" would say something else. */
function takesSeveral({ quorum }: Pick<ApproveStep, 'quorum'>): boolean {
  return quorum === 'all' || quorum === 'majority';
}

function everybody(words: Inline[], step: ApproveStep): Inline[] {
  const [first, ...rest] = words;
  if (!takesSeveral(step) || typeof first !== 'string') return words;
  return [first.replace(/^somebody of/, 'everybody of'), ...rest];
}

function mustSign(step: ApproveStep): string {
  switch (step.quorum) {
    case 'all':
      return ' must all sign';
    case 'majority':
      return ' are asked, and a majority must sign';
    default:
      return ` must sign (${quorumText(step.quorum)})`;
  }
}

function shown({ show }: ApproveStep) {
  const names = show && typeof show === 'object' && !Array.isArray(show) ? Object.keys(show) : [];
  if (names.length === 0) return [];
  return [paragraph('They are shown: ', ...enumerated(names.map((key) => [spaced(key)])), '.')];
}

function filledIn({ form, quorum }: ApproveStep) {
  if (!form) return [];
  const same = quorum === 1 ? '' : ' All sign the same values.';
  const fields = enumerated(Object.keys(form).map((key) => [spaced(key)]));
  return [paragraph('They fill in, and sign with it: ', ...fields, `.${same}`)];
}

function meaning(step: ApproveStep): string {
  if (step.retroactive)
    return 'What follows goes ahead meanwhile; the run does not end before this is signed.';
  return step.onReject
    ? 'After a refusal the procedure goes on as described below.'
    : 'Without the signature nothing below happens: the run ends as rejected, and what was done is taken back.';
}
