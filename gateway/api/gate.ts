/** What is to be signed, and signing it. */

import type { FastifyRequest } from 'fastify';
import { formProblems } from '../../activities/engine/command-checks.ts';
import { stepsById } from '../../compiler/gates/cover.ts';
import { localDay } from '../../organisation/local-time.ts';
import { defined, unlessEmpty } from '../../plan/defined.ts';
import type { JsonObject, Plan } from '../../plan/plan.ts';
import { doneBefore } from '../../presentation/done-before-signing.ts';
import { gateStory, signedOf, withSealsCompared } from '../../presentation/gate-story.ts';
import { isSealed } from '../../presentation/plain-text.ts';
import { compared } from '../../presentation/sealed.ts';
import { plansFrom } from '../../rehearsal/gate-preview.ts';
import { windowOf } from '../../rehearsal/gate-window.ts';
import type { RunRow } from '../../store/runs.ts';
import { bind, type Variables } from '../../workflows/expressions.ts';
import {
  type Gate,
  type Principal,
  type RunView,
  updates,
  type Vote,
  type VoteReceipt,
} from '../../workflows/messages.ts';
import { runPlanOf } from '../../workflows/run-plan.ts';
import { runVariables } from '../../workflows/variables.ts';
import { checkVoter, Refusal } from '../../workflows/votes.ts';
import { conflictsShown } from '../planned-changes.ts';
import { notFound, Problem } from '../problem.ts';
import { gateProperties, gives, vote } from '../schemas/answers.ts';
import { anyObject, person, runAndStep } from '../schemas/bodies.ts';
import { boolean, listOf, moment, object, open, text, which } from '../schemas/dsl.ts';
import { question } from '../schemas/question.ts';
import { changeOf } from '../told-of-changes.ts';
import { type ApiParts, addressedRun, lookingAs, onlyLooks, type Routes, stepOf, who } from './request.ts';
import { openedFor } from './sealed.ts';
import { updateIdOf } from './update-id.ts';

const voteBody = {
  type: 'object',
  required: ['decision', 'hash'],
  additionalProperties: false,
  properties: {
    decision: { type: 'string', enum: ['approve', 'reject'] },
    hash: {
      type: 'string',
      minLength: 1,
      description: 'The hash of what the voter was shown, from the gate.',
    },
    comment: { type: 'string', maxLength: 4000 },
    form: {
      ...anyObject,
      description: 'Of an approval, what the gate asks to be filled in. All who sign must fill in the same.',
    },
    recorded: {
      type: 'object',
      description: 'A vote that was given in a meeting, entered by somebody with the right to.',
      required: ['for', 'minutes'],
      additionalProperties: false,
      properties: {
        for: { ...person, description: 'E-mail address of whose vote it is.' },
        minutes: { type: 'string', minLength: 1, maxLength: 1000, description: 'Where the minutes are.' },
      },
    },
  },
};

const gate = object({
  ...gateProperties,
  runbook: object({ name: text(), title: text(), kind: text() }),
  'change?': object(
    { 'risk?': text(), 'affects?': listOf(text()), 'backout?': text() },
    'What the board is told of the change.',
  ),
  'window?': object(
    {
      calendar: text(),
      'title?': text(),
      'opensAt?': moment,
      'closesAt?': moment,
      'frozenBy?': text('The freeze because of which it is not sooner.'),
    },
    'When the signed steps could run.',
  ),
  /** Of an approval that may be given afterwards. */
  'conflicts?': listOf(
    object(
      { 'run?': text('For whoever may see it.'), title: text(), affects: listOf(text()) },
      'Another change at the same time on the same things.',
    ),
  ),
  'done?': listOf(
    open('What was done behind it already, with what it was called, and what a hand changed in that.'),
  ),
  'systems?': open(
    'By connector, on which systems the steps behind it act, as they were when people were asked.',
  ),
  mayVote: boolean(),
  'whyNot?': text(),
  'mine?': vote,
});

const signatures = object({
  step: text(),
  askings: listOf(open('One revision: whom it was shown, what, by which rule, the votes, and how it ended.')),
  proposals: listOf(open('A change by hand of what was signed, and what became of it.')),
  questions: listOf(question),
});

const voteReceipt = object({
  result: which('counted', 'changed'),
  approvals: { type: 'integer' },
  needed: { type: 'integer' },
  'differing?': listOf(text('Who approved with other values before, and is asked again.')),
});

export const gateRoutes: Routes = {
  for: 'signed in',
  add(api, parts) {
    const { store, runs } = parts;
    const tags = ['signing'];

    api.get(
      '/runs/:id/steps/:step/gate',
      {
        schema: {
          summary: 'What is to be signed, and its hash',
          tags,
          params: runAndStep,
          response: gives(gate),
        },
      },
      async (request) => {
        const row = await addressedRun(request, { store, runs });
        const step = stepOf(request);
        const view = await runs.view(row.workflowId, row.id);
        const found = view.gates.find((open) => open.step === step);
        if (found) return shownGate(found, view, row, request, parts);
        const open = view.gates.map((each) => each.step).join(', ') || 'none';
        throw notFound(`No approval "${step}" is open in run ${row.id}. Open now: ${open}.`);
      },
    );
    api.get(
      '/runs/:id/steps/:step/signatures',
      {
        schema: {
          summary: 'What was shown to whom, who signed it, and what became of every proposal',
          tags,
          params: runAndStep,
          response: gives(signatures),
        },
      },
      async (request) => {
        const row = await addressedRun(request, { store, runs });
        return storyOf(row, stepOf(request), who(request), parts);
      },
    );
    api.post(
      '/runs/:id/steps/:step/vote',
      {
        schema: {
          summary: 'Approve or reject',
          tags,
          params: runAndStep,
          body: voteBody,
          response: gives(voteReceipt),
        },
      },
      async (request) => {
        const row = await addressedRun(request, { store, runs });
        const body = { ...(request.body as JsonObject), step: stepOf(request), principal: who(request) };
        await mustFit(body, row, parts);
        await mustStillStandIn(body, row, parts);
        return runs.update<VoteReceipt>(row.workflowId, row.id, updates.vote, body, updateIdOf(request));
      },
    );
  },
};

/**
 * Whoever signs for somebody who named them, and only for that, signs as long as they are named: a naming that was taken back or is over
 * does not count at a gate that was opened before either.
 */
async function mustStillStandIn(
  { step, principal }: { step: string; principal: Principal },
  row: RunRow,
  { runs, store, calendars }: ApiParts,
): Promise<void> {
  const { delegations } = await store.delegations.read();
  const ever = delegations.filter(({ delegate }) => delegate === principal.id);
  if (ever.length === 0) return;
  const { gates } = await runs.view(row.workflowId, row.id);
  const open = gates.find((each) => each.step === step);
  const person = open?.seats?.[principal.id];
  if (open === undefined || person === undefined) return;
  const named = ever.filter((each) => each.person === person);
  const today = localDay(Date.now(), calendars().timezone);
  const stands = named.some(({ ended, from, to }) => ended === undefined && from <= today && today <= to);
  // Named by nobody's own word, it is the configuration that says so.
  if (named.length === 0 || stands) return;
  throw new Problem(
    403,
    'No longer named',
    `${principal.id} no longer stands in for ${person}, so it is not theirs to sign "${open.title}". ${person} can sign, or name them again under "Stand-ins".`,
    { type: 'urn:countersign:NotAsked' },
  );
}

/** What is filled in is held to its form here: what does not fit never reaches the run. */
async function mustFit(
  { form, step, ...vote }: Record<string, unknown> & { step: string },
  row: RunRow,
  { runs }: ApiParts,
): Promise<void> {
  if (form === undefined) return;
  const { gates } = await runs.view(row.workflowId, row.id);
  const gate = gates.find((each) => each.step === step);
  // One that is closed by now, or asks for nothing, the run refuses in its own words.
  if (!gate?.form || vote.decision !== 'approve') return;
  const problems = formProblems(gate, form as JsonObject);
  if (problems.length === 0) return;
  const problem = new Problem(422, 'What was filled in does not fit', `${gate.title}: ${problems.join(' ')}`);
  await runs.refused(row.id, updates.vote, { ...vote, form, step }, problem);
  throw problem;
}

async function shownGate(open: Gate, view: RunView, row: RunRow, request: FastifyRequest, parts: ApiParts) {
  const principal = who(request);
  const looks = lookingAs(request);
  const plans = await plansFrom(view.planHash, { plan: (hash) => parts.store.runs.plan(hash) });
  const plan = plans.get(view.planHash);
  const change = plan?.change && changeOf(plan.change, variablesOf(view, row, plan, parts));
  const window = plan && windowOf(open.step, plan, [...plans.values()], parts.calendars());
  const conflicts =
    change?.affects && window ? await conflictsBehind(row, window, change.affects, { principal, parts }) : [];
  const signed = await signedBefore(open, row, parts);
  const marked = compared(signed, open.shown, 'as signed') as JsonObject;
  const opened = openedFor(principal, (open.shown.inputs ?? {}) as JsonObject, plan, parts.seal);
  return {
    ...open,
    shown: { ...marked, inputs: unsealedIn((marked.inputs ?? {}) as JsonObject, opened) },
    runbook: { name: view.runbook, title: view.title, kind: view.kind },
    ...defined({
      change,
      window,
      conflicts: unlessEmpty(conflicts),
      done: await doneBehind(open, row, plan, parts),
      systems: await parts.store.audit.systemsAsked(row.id, open.step),
    }),
    ...(looks === undefined
      ? votingOf(open, view, principal)
      : { mayVote: false, whyNot: onlyLooks(principal.id, looks) }),
  };
}

/** Changes that would be at work in the same window on the same things. */
async function conflictsBehind(
  row: RunRow,
  { opensAt: from, closesAt: to }: { opensAt?: number; closesAt?: number },
  affects: string[],
  { principal, parts }: { principal: Principal; parts: ApiParts },
) {
  const { id: run, title, kind, status, owner } = row;
  const change = { run, title, kind, status, owner, affects, ...defined({ from, to }) };
  return conflictsShown(change, parts, principal.roles.length > 0 ? undefined : principal.id);
}

/** Of an approval that may be given afterwards. */
async function doneBehind({ step }: Gate, row: RunRow, plan: Plan | undefined, { store }: ApiParts) {
  const gate = plan && stepsById([...plan.steps, ...plan.finally]).get(step.replace(/\[.*$/, ''));
  if (!plan || gate?.kind !== 'approve' || !gate.retroactive) return undefined;
  return doneBefore({ run: row, plan, journal: await store.runs.journal(row.id), records: [] }, step);
}

/** What was signed the last time, of a signature that is asked for again. */
async function signedBefore({ step, revision = 1 }: Gate, row: RunRow, { store }: ApiParts) {
  if (revision === 1) return undefined;
  return signedOf(gateStory(step, await store.runs.journal(row.id), []));
}

/** Those that this person may see opened, the others as they are marked. */
function unsealedIn(marked: JsonObject, opened: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(opened).map(([name, value]) => [name, isSealed(value) ? (marked[name] ?? value) : value]),
  );
}

/** Also when the gate has closed, and the run has ended: from what was put on record. */
async function storyOf(row: RunRow, step: string, principal: Principal, { store, seal }: ApiParts) {
  const { journal = [], records = [], plan } = (await store.audit.file(row.id)) ?? {};
  const story = gateStory(step, journal, records);
  for (const asking of story.askings) {
    if (!asking.shown) continue;
    const inputs = openedFor(principal, (asking.shown.inputs ?? {}) as JsonObject, plan, seal);
    asking.shown = { ...asking.shown, inputs };
  }
  return withSealsCompared(story);
}

/** By the run's own rules, on what is shown now. */
export function votingOf(
  open: Gate,
  { barred = {} }: Pick<RunView, 'barred'>,
  principal: Principal,
): { mayVote: boolean; whyNot?: string; mine?: Vote } {
  const vote = open.votes.findLast((each) => each.principal.id === principal.id);
  const mine = vote ? { mine: vote } : {};
  // Without a hash the people are just being asked anew, of what has changed.
  if (!open.hash)
    return { mayVote: false, whyNot: 'What is to be signed has just changed. Look again.', ...mine };
  // Whoever has voted may still change their mind, and what they fill in.
  const decision = vote?.decision === 'approve' ? 'reject' : 'approve';
  try {
    const request = { step: open.step, hash: open.hash, decision, principal } as const;
    checkVoter(open, request, new Map(Object.entries(barred)), Date.now());
    return { mayVote: true, ...mine };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { mayVote: false, whyNot: error.message, ...mine };
  }
}

function variablesOf(view: RunView, row: RunRow, plan: Plan, { library }: ApiParts): Variables {
  return runVariables({
    id: row.id,
    plan: runPlanOf(plan),
    boundInputs: bind(view.inputs),
    requester: view.requester,
    startedAt: view.startedAt,
    organisation: view.organisation ?? library().configuration.organisation,
    ...defined({ ticket: view.ticket }),
  });
}
