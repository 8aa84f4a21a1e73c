/** The asset register in the API: finding, one with its history, a file compared and imported, a list of another system compared. */
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { defined } from '../../plan/defined.ts';
import {
  type AssetQuery,
  assetFieldNames,
  RegisterConflict,
  type RegisteredAsset,
} from '../../plan/register.ts';
import type { Register } from '../../store/register/register.ts';
import { readAssetFile } from '../assets/asset-csv.ts';
import { reconciled } from '../assets/reconcile.ts';
import { operatesAny } from '../operators.ts';
import { notFound, Problem } from '../problem.ts';
import { gives } from '../schemas/answers.ts';
import { listOf, object, open, text } from '../schemas/dsl.ts';
import { day, history, mustHaveARole, page } from './register.ts';
import { type ApiParts, type Routes, who } from './request.ts';

const tags = ['assets'];
/** A file of 100,000 assets. */
const largestFile = 32 * 1024 * 1024;

const fieldSchemas = Object.fromEntries(
  assetFieldNames.map((name) => [
    ['tag', 'model', 'status'].includes(name) ? name : `${name}?`,
    name === 'price' ? { type: 'number' } : text(),
  ]),
);
const asset = object({ id: { type: 'integer' }, revision: { type: 'integer' }, ...fieldSchemas });
const assetQuery = {
  type: 'object',
  additionalProperties: false,
  properties: {
    text: { type: 'string', maxLength: 200, description: 'Words that any of its texts begin with.' },
    tag: { type: 'string', description: 'How the tag begins.' },
    serialNumber: { type: 'string', description: 'How the serial number begins.' },
    person: { type: 'string', description: 'E-mail address of who has it.' },
    model: { type: 'string', description: 'How the model begins.' },
    status: { type: 'string' },
    warrantyEndsBy: day,
    lifeEndsBy: day,
    ...page,
  },
};
const fileBody = {
  type: 'object',
  additionalProperties: false,
  required: ['csv'],
  properties: {
    csv: { type: 'string', description: 'The file.' },
    file: { type: 'string', maxLength: 300, description: 'Its name.' },
    ignore: listOf({ type: 'string' }),
    apply: { type: 'boolean', description: 'Whether it is done; else it is only said what would be.' },
    digest: {
      type: 'string',
      description: 'Of the differences that were shown: nothing is done if they are others by now.',
    },
  },
};
const differences = object({
  added: listOf(open('An asset that is new.')),
  changed: listOf(object({ tag: text(), before: open('As it is.'), after: open('As it becomes.') })),
  unchanged: { type: 'integer' },
  missing: listOf(text('Tag that the file does not name. It stays.')),
  conflicts: listOf(text()),
  digest: text(),
  applied: { type: 'boolean' },
});
const reconciliation = object({
  compared: listOf(text()),
  onlyThere: listOf(text()),
  onlyHere: listOf(text()),
  differing: listOf(object({ tag: text(), field: text(), here: text(), there: text() })),
  same: { type: 'integer' },
  unnamed: { type: 'integer' },
});

export const assetRoutes: Routes = {
  for: 'signed in',
  add(api, parts) {
    const { register } = parts.store;

    api.get(
      '/assets',
      {
        schema: {
          summary: 'Assets of the register, by what they are called, who has them and when they end',
          tags,
          querystring: assetQuery,
          response: gives(object({ assets: listOf(asset), 'next?': text('Where the next page begins.') })),
        },
      },
      async (request) => {
        mustHaveARole(request);
        return register.searchAssets(request.query as AssetQuery);
      },
    );

    api.get(
      '/assets/:tag',
      {
        schema: {
          summary: 'One asset, with all that became of it',
          tags,
          params: { type: 'object', properties: { tag: { type: 'string' } } },
          response: gives(object({ asset, history })),
        },
      },
      async (request) => {
        mustHaveARole(request);
        const { tag } = request.params as { tag: string };
        const found = await register.assetBy({ tag });
        if (found) return { asset: found, history: await register.history('asset', found.tag) };
        throw notFound(`The register has no asset ${tag}.`);
      },
    );

    fileRoutes(api, parts);
  },
};

/** What is done with whole files. */
function fileRoutes(api: FastifyInstance, parts: ApiParts): void {
  const { register } = parts.store;

  api.post(
    '/assets/import',
    {
      bodyLimit: largestFile,
      schema: {
        summary: 'What a file of assets would change, or the change itself in one go',
        tags,
        body: fileBody,
        response: gives(differences),
      },
    },
    async (request) => {
      const by = mustOperate(request, parts);
      const { csv, file = 'assets.csv', ignore = [], apply = false, digest } = request.body as ImportBody;
      const read = readAssetFile(csv, ignore);
      if ('problems' in read)
        throw new Problem(422, 'Not imported', `${file} cannot be imported. ${read.problems.join(' ')}`);
      const { rows, columns } = read;
      if (!apply) return { ...(await register.files.differences(rows, columns)), applied: false };
      const sha256 = createHash('sha256').update(csv).digest('hex');
      return settled(async () => ({
        ...(await register.files.apply(rows, columns, { by, file, sha256 }, digest)),
        applied: true,
      }));
    },
  );

  api.post(
    '/assets/reconcile',
    {
      bodyLimit: largestFile,
      schema: {
        summary: 'The register beside a list of another system',
        tags,
        body: fileBody,
        response: gives(reconciliation),
      },
    },
    async (request) => {
      mustHaveARole(request);
      const { csv, file = 'the file' } = request.body as ImportBody;
      const report = reconciled(csv, await allAssets(register));
      if (typeof report !== 'string') return report;
      throw new Problem(422, 'Not compared', `${file} cannot be compared: ${report}.`);
    },
  );
}

interface ImportBody {
  csv: string;
  file?: string;
  ignore?: string[];
  apply?: boolean;
  digest?: string;
}

function mustOperate(request: FastifyRequest, parts: ApiParts): string {
  const principal = who(request);
  if (operatesAny(principal, parts.library().plans.values())) return principal.id;
  throw new Problem(
    403,
    'Not allowed',
    `${principal.id} operates no runbook, and the register is changed by those who do.`,
  );
}

async function settled<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RegisterConflict) throw new Problem(409, 'Not imported', error.message);
    throw error;
  }
}

async function allAssets(register: Register): Promise<RegisteredAsset[]> {
  const assets: RegisteredAsset[] = [];
  let after: string | undefined;
  do {
    const page = await register.searchAssets({ ...defined({ after }), limit: 500 });
    assets.push(...page.assets);
    after = page.next;
  } while (after !== undefined);
  return assets;
}
