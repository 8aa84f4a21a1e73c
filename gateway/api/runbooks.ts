/** The catalogue: what can be run, by whom, and how it goes. */

import type { FastifyRequest } from 'fastify';
import { defined } from '../../plan/defined.ts';
import type { Plan } from '../../plan/plan.ts';
import { toHtmlFragment } from '../../presentation/html.ts';
import { procedureOf } from '../../presentation/procedure.ts';
import { toSvg } from '../../presentation/svg.ts';
import { isAddressedTo } from '../../workflows/addressed-to.ts';
import type { Principal } from '../../workflows/messages.ts';
import { gives } from '../schemas/answers.ts';
import { boolean, listOf, mapOf, object, open, text } from '../schemas/dsl.ts';
import { lookingAs, planNamed, type Routes, who } from './request.ts';

const runbookName = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string', minLength: 1, description: 'Name of the runbook.' } },
};

const runbookProperties = {
  runbook: text('Its name.'),
  title: text(),
  kind: text(),
  owner: text(),
  'description?': text(),
  hash: text('Of its plan.'),
  mayStart: boolean('Whether whoever asks may start it by hand.'),
};

const commit = { id: text(), author: text('Who wrote it.'), subject: text(), at: text('When, in ISO 8601.') };

const source = object(
  {
    repository: text(),
    branch: text(),
    'active?': object(commit, 'The commit in use.'),
    'held?': object({ ...commit, problems: listOf(text()) }, 'The newest commit, where it cannot be used.'),
    'trouble?': object({ says: text(), since: text() }, 'Why it is not known what is new.'),
    'lookedAt?': text(),
  },
  'The branch that they are taken from.',
);

const runbooks = object({ runbooks: listOf(object(runbookProperties)), 'source?': source });

const runbook = object({
  ...runbookProperties,
  inputs: mapOf(
    object({
      schema: open('JSON Schema.'),
      required: boolean(),
      'default?': {},
      'sensitive?': boolean(),
      'visibleTo?': listOf(text()),
    }),
    'By name.',
  ),
  needsTicket: boolean(),
  triggers: listOf(open('What starts it.')),
});

const procedure = object({ html: text('A fragment of a page.'), svg: text('The flow as a picture.') });

export const runbookRoutes: Routes = {
  for: 'signed in',
  add(api, parts) {
    const tags = ['runbooks'];
    const params = runbookName;
    const planOf = (request: FastifyRequest) => planNamed((request.params as { name: string }).name, parts);

    api.get(
      '/runbooks',
      { schema: { summary: 'Every runbook', tags, response: gives(runbooks) } },
      async (request) => ({
        runbooks: [...parts.library().plans.values()].map((plan) => summaryOf(plan, request)),
        ...defined({ source: parts.source() }),
      }),
    );
    api.get(
      '/runbooks/:name',
      { schema: { summary: 'One runbook, with its inputs', tags, params, response: gives(runbook) } },
      async (request) => {
        const plan = planOf(request);
        const { inputs, triggers, needsTicket = false } = plan;
        return { ...summaryOf(plan, request), inputs, needsTicket, triggers };
      },
    );
    api.get(
      '/runbooks/:name/procedure',
      {
        schema: {
          summary: 'A runbook as the procedure a person would follow',
          tags,
          params,
          response: gives(procedure),
        },
      },
      async (request) => {
        const plan = planOf(request);
        const { catalogue } = parts.library();
        return { html: toHtmlFragment(procedureOf(plan, catalogue)), svg: toSvg(plan, catalogue) };
      },
    );
  },
};

/** Whether a `manual` trigger names them. */
export function mayStart(plan: Pick<Plan, 'triggers'>, principal: Principal): boolean {
  return plan.triggers.some(
    (trigger) => trigger.type === 'manual' && trigger.by.some((by) => isAddressedTo(by, principal)),
  );
}

function summaryOf(plan: Plan, request: FastifyRequest) {
  const { runbook, title, kind, owner, description, hash } = plan;
  return {
    runbook,
    title,
    kind,
    owner,
    ...defined({ description: description || undefined }),
    hash,
    mayStart: lookingAs(request) === undefined && mayStart(plan, who(request)),
  };
}
