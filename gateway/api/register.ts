/** Vendors, contracts and orders of the register in the API: found, and each with all that became of it. */
import type { FastifyRequest } from 'fastify';
import {
  type ContractQuery,
  contractKinds,
  type OrderQuery,
  type SubjectKind,
  type VendorQuery,
} from '../../plan/register.ts';
import { notFound, Problem } from '../problem.ts';
import { gives } from '../schemas/answers.ts';
import { date, listOf, object, open, text, which } from '../schemas/dsl.ts';
import { type Routes, who } from './request.ts';

const tags = ['assets'];

export const day = { type: 'string', format: 'date' };
export const page = {
  after: { type: 'string', description: '`next` of the page before.' },
  limit: { type: 'integer', minimum: 1, maximum: 500 },
};
export const history = listOf(
  object({
    at: date,
    by: text('A person, or `run` and its id.'),
    what: text(),
    before: open('The fields that changed, as they were.'),
    after: open('The same as they became.'),
    'note?': text(),
  }),
);
const words = { type: 'string', maxLength: 200, description: 'A part of what it is called.' };
const next = text('Where the next page begins.');

const query = (properties: object) => ({
  type: 'object',
  additionalProperties: false,
  properties: { text: words, ...properties, ...page },
});
const vendorQuery = query({});
const contractQuery = query({
  vendor: { type: 'string' },
  kind: which(...contractKinds),
  noticeFrom: day,
  noticeBy: day,
  endsBy: day,
  withNoticeGiven: { type: 'boolean' },
});
const orderQuery = query({
  vendor: { type: 'string' },
  status: which('open', 'complete', 'cancelled'),
  expectedBy: day,
});

export const registerRoutes: Routes = {
  for: 'signed in',
  add(api, parts) {
    const { register } = parts.store;

    api.get(
      '/vendors',
      {
        schema: {
          summary: 'Vendors of the register',
          tags,
          querystring: vendorQuery,
          response: gives(object({ vendors: listOf(open('A vendor.')), 'next?': next })),
        },
      },
      async (request) => {
        mustHaveARole(request);
        return register.listVendors(request.query as VendorQuery);
      },
    );

    api.get(
      '/contracts',
      {
        schema: {
          summary: 'Contracts and subscriptions of the register, with the day on which notice is due',
          tags,
          querystring: contractQuery,
          response: gives(object({ contracts: listOf(open('A contract.')), 'next?': next })),
        },
      },
      async (request) => {
        mustHaveARole(request);
        return register.listContracts(request.query as ContractQuery);
      },
    );

    api.get(
      '/orders',
      {
        schema: {
          summary: 'Orders of the register, with what of each line has come',
          tags,
          querystring: orderQuery,
          response: gives(object({ orders: listOf(open('An order.')), 'next?': next })),
        },
      },
      async (request) => {
        mustHaveARole(request);
        return register.listOrders(request.query as OrderQuery);
      },
    );

    const one = (kind: Exclude<SubjectKind, 'asset'>, find: (name: string) => Promise<object | undefined>) =>
      api.get(
        `/${kind}s/:name`,
        {
          schema: {
            summary: `One ${kind}, with all that became of it`,
            tags,
            params: { type: 'object', properties: { name: { type: 'string' } } },
            response: gives(object({ [kind]: open(`The ${kind}.`), history })),
          },
        },
        async (request) => {
          mustHaveARole(request);
          const { name } = request.params as { name: string };
          const found = await find(name);
          if (found) return { [kind]: found, history: await register.history(kind, name) };
          throw notFound(`The register has no ${kind} ${name}.`);
        },
      );
    one('vendor', register.vendorBy);
    one('contract', register.contractBy);
    one('order', register.orderBy);
  },
};

/** What people have is for those who work in IT. */
export function mustHaveARole(request: FastifyRequest): void {
  const { id, roles } = who(request);
  if (roles.length === 0)
    throw new Problem(
      403,
      'Not allowed',
      `${id} has no role, and the register is shown to those who have one.`,
    );
}
