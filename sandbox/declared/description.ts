/** `stand-in.yaml` of a connector: what the system holds, and what its routes do with it. Data alone. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { Value, Values } from './expressions.ts';

/** What a route does to one collection. Of several, one after the other. */
export interface Deed {
  /** The collection. One of these. */
  one?: string;
  list?: string;
  create?: string;
  update?: string;
  delete?: string;
  /** Which record: a condition over `record`; otherwise its id is `path.id`. */
  where?: string;
  /** Of what is created or changed: the fields. */
  with?: Value;
  /** Fields of `with` that are not kept. */
  without?: string[];
  /** Name of what it leaves in the log of effects; `COLLECTION.created` and the like unless said. */
  effect?: string;
  /** Only then. */
  if?: string;
  /** The record is none of this condition: 404 unless said. */
  missing?: { status?: number; answer?: Value };
}

export interface Route extends Deed {
  method: string;
  path: string;
  /** Only of such requests: over `path`, `query`, `body`, `headers`. */
  when?: string;
  refuse: { when: string; status: number; answer?: Value }[];
  also: Deed[];
  paged?: {
    number?: string;
    offset?: string;
    size?: string;
    of: number;
    link?: boolean;
    cursor?: string;
    first?: number;
  };
  status: number;
  answer?: Value;
  headers?: Record<string, string>;
}

export interface Description {
  name: string;
  folder: string;
  /** Of the connector, with `${{ url }}` for the address of the stand-in. */
  settings: Values;
  /** The connector at whose addresses its requests come in too, unless it is its own: what the stand-in there does not know is played here. */
  beside?: string;
  /** The header that must come with each request, and what it must be. */
  signIn?: { header: string; value: string };
  /** The token endpoint, as `oauth2` asks it. */
  token?: { path: string; client: string; secret: string };
  seed: Record<string, Values[]>;
  /** Collection -> the field that is its id, and the first new one. */
  ids: Record<string, { field?: string; next?: number; text?: string }>;
  /** Fields that get the time of the last change. */
  stamps: Record<string, string>;
  routes: Route[];
  /** An error as this service says it, over `status` and `says`. */
  error: Value;
  /** Fields that change by themselves, and are no part of a comparison. */
  volatile: string[];
  /** In what its answers differ from the published contract, as the service itself does. */
  differs: string[];
  /** Inputs of the tests, where the examples do not fit what is held; what is done before. */
  tests: Record<string, TestCase>;
}

export interface TestCase {
  with?: Values;
  before?: { uses: string; with: Values }[];
  /** What is wrong with being tried, as `verify: "…"`: said, and left out. */
  except?: Record<string, string>;
}

const methods = ['get', 'head', 'post', 'put', 'patch', 'delete'];

/** The connectors of the product itself. */
export function shippedConnectors(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  for (let folder = here; folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(join(folder, 'package.json'))) return join(folder, 'connectors');
  return 'connectors';
}

/** Every connector of a folder that has a stand-in. */
export function descriptionsIn(folder: string): Description[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'stand-in.yaml')))
    .sort()
    .map((name) => descriptionIn(join(folder, name), name));
}

export function descriptionIn(folder: string, name: string): Description {
  const read = parse(readFileSync(join(folder, 'stand-in.yaml'), 'utf8')) as Partial<Description> & {
    routes?: Record<string, unknown>[];
  };
  const {
    settings = {},
    seed = {},
    ids = {},
    stamps = {},
    error = { error: '${{ says }}' },
    volatile = [],
    differs = [],
    tests = {},
  } = read;
  return {
    name,
    folder,
    settings,
    seed,
    ids,
    stamps,
    error,
    volatile,
    differs,
    tests,
    ...(read.beside ? { beside: read.beside } : {}),
    ...(read.signIn ? { signIn: read.signIn } : {}),
    ...(read.token ? { token: read.token } : {}),
    routes: (read.routes ?? []).map((route) => routeOf(route as Partial<Route>, name)),
  };
}

function routeOf(route: Partial<Route> & Record<string, unknown>, name: string): Route {
  // `delete` is a method with a path, and a deed with a collection.
  const method = methods.find(
    (each) => typeof route[each] === 'string' && String(route[each]).startsWith('/'),
  );
  if (!method)
    throw new Error(`A route of the stand-in of ${name} has no method with a path: ${JSON.stringify(route)}`);
  const { [method]: path, ...rest } = route;
  const { remove, ...deed } = rest as Record<string, unknown>;
  return {
    refuse: [],
    also: [],
    status: method === 'post' ? 201 : 200,
    ...deed,
    ...(remove === undefined ? {} : { delete: remove as string }),
    method: method.toUpperCase(),
    path: String(path),
  } as Route;
}
