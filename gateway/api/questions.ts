/**
 * Questions at a gate: whoever is asked to sign asks whoever asked for it, or suggests other inputs, without refusing. All of it stands in the run's audit chain, and stay
 * on the page after the gate has closed.
 */
import { defined, unlessEmpty } from '../../plan/defined.ts';
import { runName } from '../../plan/run-name.ts';
import type { Json, JsonObject } from '../../plan/values.ts';
import {
  acceptedText,
  type Became,
  type QuestionTold,
  questionsIn,
  suggestedLines,
} from '../../presentation/gate-questions.ts';
import type { RunRow } from '../../store/runs.ts';
import type { Gate, Principal, RunView } from '../../workflows/messages.ts';
import { ownersOf, owns } from '../operators.ts';
import { notFound, Problem } from '../problem.ts';
import { gives, nothing } from '../schemas/answers.ts';
import { anyObject, runAndStep } from '../schemas/bodies.ts';
import { boolean, listOf, mapOf, object, open, text } from '../schemas/dsl.ts';
import { question } from '../schemas/question.ts';
import { type ApiParts, addressedRun, type Routes, stepOf, who } from './request.ts';
import {
  maySuggest,
  mustBeSo,
  overtaken,
  type Suggestion,
  settledAlready,
  suggestable,
  suggestionOf,
  takeOver,
} from './suggestions.ts';
import { updateIdOf } from './update-id.ts';

/** Of one gate. */
const mostQuestions = 50;

const questions = object({
  questions: listOf(question),
  'suggestable?': mapOf(
    object({ schema: open('JSON Schema of the input.'), 'value?': { description: 'What it is now.' } }),
    'Inputs for which you may suggest another value, by name.',
  ),
  mayAsk: boolean('The gate is open, and you are asked to sign it, or to enter its votes.'),
  mayAnswer: boolean('You asked for the run, or operate it, and it has not ended.'),
  mayAccept: boolean('You operate the run, and so may have its inputs changed by what was suggested.'),
  answeredBy: listOf(text('Who is told of a question.')),
});

const words = {
  type: 'string',
  minLength: 1,
  maxLength: 4000,
  pattern: '\\S',
  description: 'It becomes part of the evidence.',
};

const said = { type: 'object', required: ['text'], additionalProperties: false, properties: { text: words } };

const asking = {
  ...said,
  properties: {
    text: words,
    inputs: {
      ...anyObject,
      minProperties: 1,
      description: 'Suggested instead of those that stand, by name: another time, for example.',
    },
  },
};

const accepting = { type: 'object', additionalProperties: false, properties: { text: words } };

const runStepAndQuestion = {
  ...runAndStep,
  required: [...runAndStep.required, 'question'],
  properties: {
    ...runAndStep.properties,
    question: { type: 'integer', minimum: 1, maximum: 2 ** 31 - 1, description: 'Number of the question.' },
  },
};

export const questionRoutes: Routes = {
  for: 'signed in',
  add(api, parts) {
    const tags = ['signing'];
    api.get(
      '/runs/:id/steps/:step/questions',
      {
        schema: {
          summary: 'What was asked before signing, and what was answered; also after it closed',
          tags,
          params: runAndStep,
          response: gives(questions),
        },
      },
      async (request) => {
        const row = await addressedRun(request, parts);
        const [step, person] = [stepOf(request), who(request)];
        const { view, gate } = await openGate(row, step, parts);
        const known = questionsIn(step, await parts.store.questions.of(row.id));
        const mayAsk = gate !== undefined && isAsked(gate, person);
        return {
          questions: known.map((each) => ({
            ...each,
            ...defined({ overtaken: each.became === undefined ? overtaken(each, view, gate) : undefined }),
          })),
          ...defined({
            suggestable:
              mayAsk && maySuggest(gate, view, person) ? await suggestable(view, parts) : undefined,
          }),
          mayAsk,
          mayAnswer: mayAnswer(row, person),
          mayAccept: !row.endedAt && owns(person, row.owner),
          answeredBy: answerers(row, parts),
        };
      },
    );
    api.post(
      '/runs/:id/steps/:step/questions',
      {
        schema: {
          summary: 'Ask whoever asked for the signature, without refusing, or suggest other inputs to them',
          tags,
          params: runAndStep,
          body: asking,
          response: gives(nothing, 204),
        },
      },
      async (request, reply) => {
        const row = await addressedRun(request, parts);
        const { text: reason, inputs } = request.body as { text: string; inputs?: JsonObject };
        const about = { row, step: stepOf(request), person: who(request), request: updateIdOf(request) };
        await ask(about, { reason: reason.trim(), ...defined({ inputs }) }, parts);
        return reply.code(204).send();
      },
    );
    for (const [way, { summary, body }] of Object.entries(ways) as [Way, (typeof ways)[Way]][])
      api.post(
        `/runs/:id/steps/:step/questions/:question/${way}`,
        { schema: { summary, tags, params: runStepAndQuestion, body, response: gives(nothing, 204) } },
        async (request, reply) => {
          const row = await addressedRun(request, parts);
          const { question: number } = request.params as { question: number };
          const { text: given = '' } = (request.body ?? {}) as { text?: string };
          const about = { row, step: stepOf(request), person: who(request), request: updateIdOf(request) };
          await answer(about, { way, number, words: given.trim() }, parts);
          return reply.code(204).send();
        },
      );
  },
};

type Way = 'answer' | 'accept' | 'decline';

const ways: Record<Way, { summary: string; body: object }> = {
  answer: { summary: 'Answer a question that was asked before signing', body: said },
  accept: {
    summary: 'Accept the inputs that somebody suggested before signing: the run is amended by them',
    body: accepting,
  },
  decline: { summary: 'Decline the inputs that somebody suggested before signing', body: said },
};

interface About {
  row: RunRow;
  step: string;
  person: Principal;
  /** The same for one that is sent again. */
  request: string;
}

async function ask(
  { row, step, person, request }: About,
  { reason, inputs }: { reason: string; inputs?: JsonObject },
  parts: ApiParts,
): Promise<void> {
  const { view, gate } = await openGate(row, step, parts);
  if (!gate)
    throw new Problem(
      409,
      'Not open',
      `"${step}" of run ${row.id} is not open for signature now, so nothing is to be asked about it.`,
    );
  if (gate.hash === '')
    throw new Problem(
      409,
      'Changed',
      `What is to be signed in "${gate.title}" has just changed, and people are being asked about it. Look again in a moment.`,
    );
  if (!isAsked(gate, person))
    throw new Problem(
      403,
      'Not allowed',
      `${person.id} is not asked to sign "${gate.title}", so it is not theirs to ask about. Asked: ${gate.approvers.join(', ')}. Write a note on the run instead.`,
    );
  const suggestion = inputs && view ? await suggestionOf(inputs, { view, gate, person }, parts) : undefined;
  const to = answerers(row, parts).filter((each) => each !== person.id);
  const asked = await parts.store.questions.ask(
    {
      run: row.id,
      step,
      by: person.id,
      request,
      title: gate.title,
      assignees: [`person:${row.requester.toLowerCase()}`, assigneeOf(row.owner)],
      data: {
        text: reason,
        to,
        hash: gate.hash,
        ...defined({
          revision: gate.revision,
          instead: suggestion && (suggestion.instead as unknown as Json),
        }),
      },
      message: (number) => askedMessage({ row, step, person, gate, reason, to, suggestion }, number),
    },
    mostQuestions,
  );
  if (asked) return;
  throw new Problem(
    409,
    'Too many',
    `"${gate.title}" has ${mostQuestions} questions, as many as one signature may have.`,
  );
}

interface Asked extends Omit<About, 'request'> {
  gate: Gate;
  reason: string;
  to: string[];
  suggestion: Suggestion | undefined;
}

function askedMessage({ row, step, person, gate, reason, to, suggestion }: Asked, number: number) {
  const [name, of] = [person.name ?? person.id, `${row.id} ${step} ${number}`];
  const commands = suggestion
    ? [`Accept: countersign accept ${of}`, `Decline: countersign decline ${of} --comment "…"`]
    : [`Answer: countersign answer ${of} --comment "…"`];
  const text = suggestion
    ? [
        `${name} suggests other inputs before signing "${gate.title}" (${runName(row)}):`,
        '',
        ...suggestedLines(suggestion.instead),
        '',
        reason,
        '',
        'Nothing is refused or changed by it. Accepted, the inputs are changed, and people are asked again; what was signed already waits for those who signed it. Both become part of the evidence.',
      ]
    : [
        `${name} asks before signing "${gate.title}" (${runName(row)}):`,
        '',
        reason,
        '',
        'Nothing is refused: the signature waits for your answer. Both become part of the evidence.',
      ];
  return {
    id: `question.${row.id}.${number}`,
    to,
    subject: `${suggestion ? 'Suggested' : 'A question'} before it is signed: ${gate.title} (${runName(row)})`,
    text: [...text, '', ...commands].join('\n'),
    about: {
      page: 'question' as const,
      id: row.id,
      step,
      commands,
      ...defined({ deadline: gate.deadline, suggested: suggestion?.time }),
    },
  };
}

interface Given {
  way: Way;
  number: number;
  words: string;
}

const becomes: Record<Way, Became | undefined> = {
  answer: undefined,
  accept: 'accepted',
  decline: 'declined',
};

async function answer(about: About, given: Given, parts: ApiParts): Promise<void> {
  const { row, step, person, request } = about;
  const { way, number, words: reply } = given;
  if (!mayAnswer(row, person))
    throw new Problem(
      403,
      'Not allowed',
      row.endedAt
        ? `Run ${row.id} has ended, and what was asked in it stays as it is.`
        : `${person.id} neither asked for run ${row.id} nor operates it (${row.owner}), so it is not theirs to answer.`,
    );
  const known = questionsIn(step, await parts.store.questions.of(row.id));
  const asked = known.find(({ id }) => id === number);
  if (!asked)
    throw notFound(
      `Nobody asked a question ${number} about "${step}" in run ${row.id}. There are: ${known.map(({ id }) => id).join(', ') || 'none'}.`,
    );
  mustBeSo(asked, way);
  const { view, gate } = await openGate(row, step, parts);
  const receipt =
    way === 'accept' ? await takeOver(asked, { row, step, person, request, view, gate }, parts) : undefined;
  const proposed = unlessEmpty(receipt?.proposed ?? []);
  const [title, became] = [gate?.title ?? step, becomes[way]];
  const written = await parts.store.questions.answer(
    {
      run: row.id,
      step,
      by: person.id,
      request,
      data: { question: number, text: reply, to: [asked.by], ...defined({ became, proposed }) },
      message: (record) =>
        answerMessage(
          { row, step, person, record, title, words: reply, ...defined({ became, proposed }) },
          asked,
        ),
    },
    number,
    overtaken(asked, view, gate) !== undefined,
  );
  if (written) return;
  const now = questionsIn(step, await parts.store.questions.of(row.id)).find(({ id }) => id === number);
  throw settledAlready(now ?? asked, way);
}

interface Answered extends Omit<About, 'request'> {
  record: number;
  title: string;
  words: string;
  became?: Became;
  proposed?: string[];
}

function answerMessage(
  { row, step, person, record, title, words, became, proposed }: Answered,
  asked: QuestionTold,
) {
  const commands = [`Read it and sign: countersign approve ${row.id} ${step}`];
  const name = person.name ?? person.id;
  const [subject, says] =
    became === undefined
      ? ['Your question is answered', `${name} answers:`]
      : [`What you suggested is ${became}`, `${name} has ${became} it${words ? ':' : '.'}`];
  return {
    id: `answer.${row.id}.${record}`,
    to: [asked.by],
    subject: `${subject}: ${title} (${runName(row)})`,
    text: [
      `You ${became === undefined ? 'asked' : 'suggested'}: ${asked.text}`,
      ...suggestedLines(asked.instead ?? []),
      '',
      says,
      ...(words ? ['', words] : []),
      ...(became === 'accepted' ? ['', acceptedText(asked.instead ?? [], proposed)] : []),
      '',
      ...commands,
    ].join('\n'),
    about: { page: 'gate' as const, id: row.id, step, commands },
  };
}

/** The view of a run that has not ended, and its gate where that is open. */
async function openGate(
  row: RunRow,
  step: string,
  { runs }: ApiParts,
): Promise<{ view?: RunView; gate?: Gate }> {
  if (row.endedAt) return {};
  const view = await runs.view(row.workflowId, row.id);
  return { view, ...defined({ gate: view.gates.find((each) => each.step === step) }) };
}

/** Those who sign, and those who enter the votes of a meeting. */
function isAsked({ approvers, recorders = [] }: Gate, { id }: Principal): boolean {
  return approvers.includes(id) || recorders.includes(id);
}

function mayAnswer(row: RunRow, person: Principal): boolean {
  return !row.endedAt && (row.requester.toLowerCase() === person.id || owns(person, row.owner));
}

/** Whoever asked for the run, where that is a person, and who operates it. */
function answerers({ requester, owner }: RunRow, { roles }: ApiParts): string[] {
  const asker = requester.includes('@') ? [requester.toLowerCase()] : [];
  return [...new Set([...asker, ...ownersOf(owner, roles())])];
}

function assigneeOf(owner: string): string {
  return owner.startsWith('role:') ? owner : `person:${owner.toLowerCase()}`;
}
