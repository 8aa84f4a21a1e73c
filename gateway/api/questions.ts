/**
 * Questions at a gate: whoever is asked to sign asks whoever asked for it, without refusing. Both stand in the run's audit chain, and stay
 * on the page after the gate has closed.
 */
import { defined } from '../../plan/defined.ts';
import { runName } from '../../plan/run-name.ts';
import { type QuestionTold, questionsIn } from '../../presentation/gate-questions.ts';
import type { RunRow } from '../../store/runs.ts';
import type { Gate, Principal } from '../../workflows/messages.ts';
import { ownersOf, owns } from '../operators.ts';
import { notFound, Problem } from '../problem.ts';
import { gives, nothing } from '../schemas/answers.ts';
import { runAndStep } from '../schemas/bodies.ts';
import { boolean, listOf, object, text } from '../schemas/dsl.ts';
import { question } from '../schemas/question.ts';
import { type ApiParts, addressedRun, type Routes, stepOf, who } from './request.ts';
import { updateIdOf } from './update-id.ts';

/** Of one gate. */
const mostQuestions = 50;

const questions = object({
  questions: listOf(question),
  mayAsk: boolean('The gate is open, and you are asked to sign it, or to enter its votes.'),
  mayAnswer: boolean('You asked for the run, or operate it, and it has not ended.'),
  answeredBy: listOf(text('Who is told of a question.')),
});

const said = {
  type: 'object',
  required: ['text'],
  additionalProperties: false,
  properties: {
    text: {
      type: 'string',
      minLength: 1,
      maxLength: 4000,
      pattern: '\\S',
      description: 'It becomes part of the evidence.',
    },
  },
};

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
        const gate = await openGate(row, step, parts);
        return {
          questions: questionsIn(step, await parts.store.questions.of(row.id)),
          mayAsk: gate !== undefined && isAsked(gate, person),
          mayAnswer: mayAnswer(row, person),
          answeredBy: answerers(row, parts),
        };
      },
    );
    api.post(
      '/runs/:id/steps/:step/questions',
      {
        schema: {
          summary: 'Ask whoever asked for the signature, without refusing',
          tags,
          params: runAndStep,
          body: said,
          response: gives(nothing, 204),
        },
      },
      async (request, reply) => {
        const row = await addressedRun(request, parts);
        const { text: words } = request.body as { text: string };
        const about = { row, step: stepOf(request), person: who(request), request: updateIdOf(request) };
        await ask(about, words.trim(), parts);
        return reply.code(204).send();
      },
    );
    api.post(
      '/runs/:id/steps/:step/questions/:question/answer',
      {
        schema: {
          summary: 'Answer a question that was asked before signing',
          tags,
          params: runStepAndQuestion,
          body: said,
          response: gives(nothing, 204),
        },
      },
      async (request, reply) => {
        const row = await addressedRun(request, parts);
        const { question: number } = request.params as { question: number };
        const { text: words } = request.body as { text: string };
        const about = { row, step: stepOf(request), person: who(request), request: updateIdOf(request) };
        await answer(about, number, words.trim(), parts);
        return reply.code(204).send();
      },
    );
  },
};

interface About {
  row: RunRow;
  step: string;
  person: Principal;
  /** The same for one that is sent again. */
  request: string;
}

async function ask({ row, step, person, request }: About, words: string, parts: ApiParts): Promise<void> {
  const gate = await openGate(row, step, parts);
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
  const to = answerers(row, parts).filter((each) => each !== person.id);
  const asked = await parts.store.questions.ask(
    {
      run: row.id,
      step,
      by: person.id,
      request,
      title: gate.title,
      assignees: [`person:${row.requester.toLowerCase()}`, assigneeOf(row.owner)],
      data: { text: words, to, hash: gate.hash, ...defined({ revision: gate.revision }) },
      message: (number) => {
        const commands = [`Answer: countersign answer ${row.id} ${step} ${number} --comment "…"`];
        return {
          id: `question.${row.id}.${number}`,
          to,
          subject: `A question before it is signed: ${gate.title} (${runName(row)})`,
          text: [
            `${person.name ?? person.id} asks before signing "${gate.title}" (${runName(row)}):`,
            '',
            words,
            '',
            'Nothing is refused: the signature waits for your answer. Both become part of the evidence.',
            '',
            ...commands,
          ].join('\n'),
          about: {
            page: 'question',
            id: row.id,
            step,
            commands,
            ...defined({ deadline: gate.deadline }),
          },
        };
      },
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

async function answer(
  { row, step, person, request }: About,
  number: number,
  words: string,
  parts: ApiParts,
): Promise<void> {
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
  const title = (await openGate(row, step, parts))?.title ?? step;
  await parts.store.questions.answer(
    {
      run: row.id,
      step,
      by: person.id,
      request,
      data: { question: number, text: words, to: [asked.by] },
      message: (record) => answerMessage({ row, step, person, record, title, words }, asked),
    },
    number,
  );
}

function answerMessage(
  {
    row,
    step,
    person,
    record,
    title,
    words,
  }: Omit<About, 'request'> & { record: number } & Record<'title' | 'words', string>,
  asked: QuestionTold,
) {
  const commands = [`Read it and sign: countersign approve ${row.id} ${step}`];
  return {
    id: `answer.${row.id}.${record}`,
    to: [asked.by],
    subject: `Your question is answered: ${title} (${runName(row)})`,
    text: [
      `You asked: ${asked.text}`,
      '',
      `${person.name ?? person.id} answers:`,
      '',
      words,
      '',
      ...commands,
    ].join('\n'),
    about: { page: 'gate' as const, id: row.id, step, commands },
  };
}

async function openGate(row: RunRow, step: string, { runs }: ApiParts): Promise<Gate | undefined> {
  if (row.endedAt) return undefined;
  const { gates } = await runs.view(row.workflowId, row.id);
  return gates.find((each) => each.step === step);
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
