/** One stand-in for every declared connector: plays the routes of its `stand-in.yaml` over what it holds. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type BesideAnswer, badDayWords, type Shared, type StandIn } from '../stand-in.ts';
import { type Deed, type Description, descriptionsIn, type Route } from './description.ts';
import { computed, filled, scalarText, type Value, type Values } from './expressions.ts';
import { Records } from './records.ts';

/** A refusal of the stand-in, in its service's words. */
class Refused extends Error {
  readonly status: number;
  readonly answer: Value | undefined;
  constructor(status: number, says: string, answer?: Value) {
    super(says);
    this.status = status;
    this.answer = answer;
  }
}

const sandboxToken = 'sandbox-declared-token';

/** Of a system that a stand-in of its own plays already, this one plays beside it under a name of its own: {@link besideName}. */
export function declaredStandIns(shared: Shared, folder: string, taken: ReadonlySet<string>): StandIn[] {
  return descriptionsIn(folder).map((description) => {
    const { name } = description;
    const connector = description.beside ?? (taken.has(name) ? name : undefined);
    if (connector === undefined) return declaredStandIn(shared, description);
    return declaredStandIn(shared, { ...description, name: besideName(name), beside: connector });
  });
}

export function besideName(name: string): string {
  return `${name}-declared`;
}

export function declaredStandIn({ effects }: Shared, description: Description): StandIn {
  const { name, beside, settings } = description;
  const records = new Records(name, description, effects);
  const prefix = `/declared/${name}`;
  const errorBody = (status: number, says: string) => filled(description.error, { status, says }) ?? null;
  return {
    system: name,
    prefix: `${prefix}/`,
    base: prefix,
    routes(app) {
      app.register(async (own) => {
        own.setErrorHandler((error, _request, reply) => {
          if (!(error instanceof Refused)) return reply.code(500).send({ error: (error as Error).message });
          return reply.code(error.status).send(error.answer ?? errorBody(error.status, error.message));
        });
        addTokenRoute(own, prefix, description);
        own.all(`${prefix}/*`, (request, reply) => play(request, reply, { description, records, prefix }));
      });
    },
    state: () => ({ [name]: records.state() }),
    reset: () => records.reset(),
    connectors: (url) => ({ [name]: filled(description.settings, { url: `${url}${prefix}` }) as Values }),
    errorBody: (status) => errorBody(status, badDayWords(status)),
    ...(beside === undefined ? {} : { beside: { connector: beside, settings, play: playsBeside } }),
  };

  /** Signed in as the other one's client, so that only a sign-in at all is asked for. */
  function playsBeside(
    request: FastifyRequest,
    path: string,
    url: string,
    only?: 'made',
  ): BesideAnswer | undefined {
    const playing = { description, records, prefix, ...(only ? { only } : {}) };
    const known = routeOf(request, path, description);
    if (!known || (only && !isFirstOfList(known.route, request))) return undefined;
    const found = only ? { ...known, route: onOnePage(known.route) } : known;
    try {
      if (!request.headers.authorization) throw new Refused(401, 'The credentials are not known.');
      const [status, answer, headers] = answered(
        found.route,
        variablesOf(request, found.parameters, url),
        request,
        playing,
      );
      return { status, answer, headers };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return {
        status: error.status,
        answer: error.answer ?? errorBody(error.status, error.message),
        headers: {},
      };
    }
  }
}

interface Playing {
  description: Description;
  records: Records;
  prefix: string;
  /** Of lists only what was made since the start. */
  only?: 'made';
}

function onOnePage({ paged, ...route }: Route): Route {
  return {
    ...route,
    ...(paged ? { paged: { ...paged, size: undefined, of: Number.MAX_SAFE_INTEGER } } : {}),
  };
}

/** What is added to a list of another's is added once, and not to every page. */
function isFirstOfList({ list, paged }: Route, request: FastifyRequest): boolean {
  if (list === undefined) return false;
  const { number, offset, cursor, first = 1 } = paged ?? { of: 1 };
  const given = queryOf(request)[number ?? offset ?? cursor ?? 'page'];
  return given === undefined || given === String(number === undefined ? 0 : first);
}

function addTokenRoute(app: FastifyInstance, prefix: string, { token, settings }: Description): void {
  if (!token) return;
  app.post(`${prefix}${token.path}`, (request) => {
    const fields = (request.body ?? {}) as Record<string, string>;
    const [, basic = ''] = /^Basic (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    const [id, secret] = basic
      ? Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent)
      : [fields.client_id, fields.client_secret];
    if (id !== settings[token.client] || secret !== settings[token.secret])
      throw new Refused(401, 'The client is not known.');
    return { access_token: sandboxToken, token_type: 'Bearer', expires_in: 3_600 };
  });
}

async function play(request: FastifyRequest, reply: FastifyReply, playing: Playing): Promise<unknown> {
  const { description, prefix } = playing;
  const [rawPath = ''] = request.url.slice(prefix.length).split('?');
  const path = decodeURIComponent(rawPath);
  checkSignIn(request, description, `${prefix}`);
  const found = routeOf(request, path, description);
  if (!found) throw new Refused(404, `There is no ${request.method} ${path} here.`);
  const variables = variablesOf(request, found.parameters, `${request.protocol}://${request.host}${prefix}`);
  const [status, answer, headers] = answered(found.route, variables, request, playing);
  for (const [header, value] of Object.entries(headers)) reply.header(header, value);
  reply.code(status);
  if (answer === undefined) return reply.send();
  return typeof answer === 'string'
    ? reply.type('text/plain').send(answer)
    : reply.type('application/json').send(JSON.stringify(answer));
}

/** The first that fits: by method, path, and what it says under `when`. */
function routeOf(
  request: FastifyRequest,
  path: string,
  { routes }: Description,
): { route: Route; parameters: Values } | undefined {
  for (const route of routes) {
    const { method, when } = route;
    if (method !== request.method && !(method === 'GET' && request.method === 'HEAD')) continue;
    const parameters = parametersOf(route.path, path);
    if (!parameters) continue;
    if (when === undefined || computed(when, variablesOf(request, parameters, '')) === true)
      return { route, parameters };
  }
  return undefined;
}

function variablesOf(request: FastifyRequest, path: Values, url: string): Values {
  return {
    path,
    query: queryOf(request),
    body: (request.body ?? {}) as Value,
    headers: request.headers as Values,
    url,
  };
}

function checkSignIn(
  request: FastifyRequest,
  { signIn, token, settings }: Description,
  prefix: string,
): void {
  const expected = signIn
    ? scalarText(filled(signIn.value, { settings: filled(settings, { url: prefix }) ?? {} }))
    : token && `Bearer ${sandboxToken}`;
  if (expected === undefined) return;
  if (
    request.headers[signIn?.header.toLowerCase() ?? 'authorization'] !==
    (/^Basic /.test(expected) ? `Basic ${Buffer.from(expected.slice(6)).toString('base64')}` : expected)
  )
    throw new Refused(401, 'The credentials are not known.');
}

/** Undefined when the path is another one. A parameter may stand within a segment. */
function parametersOf(template: string, path: string): Values | undefined {
  const names: string[] = [];
  const source = template.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{([^}]*)\}/g, (_, name: string) => {
    names.push(name);
    return "([^/']+)";
  });
  const match = new RegExp(`^${source}$`).exec(path);
  return match ? Object.fromEntries(names.map((name, index) => [name, match[index + 1] ?? ''])) : undefined;
}

function queryOf(request: FastifyRequest): Values {
  return Object.fromEntries(Object.entries((request.query ?? {}) as Record<string, string | string[]>));
}

function answered(
  route: Route,
  start: Values,
  request: FastifyRequest,
  playing: Playing,
): [status: number, answer: Value | undefined, headers: Record<string, string>] {
  const looked = look(route, start, playing);
  for (const { when, status, answer } of route.refuse)
    if (computed(when, looked) === true)
      throw new Refused(status, 'It is refused as things are.', answer && filled(answer, looked));
  let variables = deed(route, looked, playing);
  for (const further of route.also) {
    const own = look(further, { ...variables, made: variables.record ?? null }, playing);
    if (further.if === undefined || computed(further.if, own) === true)
      variables = { ...variables, ...pick(deed(further, own, playing), further) };
  }
  const paged = route.paged ? pageOf(route.paged, variables, request) : { variables, headers: {} };
  const answer = route.answer === undefined ? undefined : filled(route.answer, paged.variables);
  const named = filled(route.headers ?? {}, paged.variables) as Record<string, Value>;
  const headers = Object.fromEntries(Object.entries(named).map(([name, value]) => [name, scalarText(value)]));
  return [route.status, answer, { ...paged.headers, ...headers }];
}

/** A further deed leaves the record of the route what it is, unless it is about the same collection. */
function pick(variables: Values, { create, update }: Deed): Values {
  const name = create ?? update;
  return name === undefined ? {} : { [`${name}Record`]: variables.record ?? null };
}

function look(each: Deed, variables: Values, { records, only }: Playing): Values {
  const collection = each.one ?? each.update ?? each.delete;
  const matches = (record: Values) =>
    each.where === undefined
      ? scalarText(record[records.idField(collection ?? each.list ?? '')]) ===
        scalarText((variables.path as Values).id)
      : computed(each.where, { ...variables, record }) === true;
  if (each.list !== undefined)
    return {
      ...variables,
      records: (only ? records.made(each.list) : records.all(each.list)).filter(
        (record) => each.where === undefined || matches(record),
      ),
    };
  if (collection === undefined) return variables;
  const record = records.all(collection).find(matches);
  if (!record && each.missing?.status === 0) return variables;
  if (!record)
    throw new Refused(each.missing?.status ?? 404, 'There is no such record.', each.missing?.answer);
  return { ...variables, record };
}

function deed(each: Deed, variables: Values, { records }: Playing): Values {
  const given = (each.with === undefined ? {} : (filled(each.with, variables) ?? {})) as Values;
  const fields = Object.fromEntries(Object.entries(given).filter(([name]) => !each.without?.includes(name)));
  if (each.create !== undefined)
    return { ...variables, record: records.create(each.create, fields, each.effect) };
  const { record } = variables;
  if (each.update !== undefined && record)
    return { ...variables, record: records.update(each.update, record as Values, fields, each.effect) };
  if (each.delete !== undefined && record) records.remove(each.delete, record as Values, each.effect);
  return variables;
}

function pageOf(
  { number, offset, size, of, link, cursor, first = 1 }: NonNullable<Route['paged']>,
  variables: Values,
  request: FastifyRequest,
): { variables: Values; headers: Record<string, string> } {
  const query = variables.query as Record<string, string>;
  const all = (variables.records ?? []) as Value[];
  const length = Math.min(of, Number((size && query[size]) ?? of));
  const parameter = number ?? offset ?? cursor ?? 'page';
  const given = query[parameter];
  const start = offset || cursor ? Number(given ?? 0) : (Number(given ?? first) - first) * length;
  const end = start + length;
  const next =
    end < all.length ? (offset || cursor ? String(end) : String(start / length + 1 + first)) : null;
  const address = new URL(request.url, scalarText(variables.url));
  if (next !== null) address.searchParams.set(parameter, next);
  const url = next === null ? null : address.href;
  return {
    variables: { ...variables, records: all.slice(start, end), total: all.length, next: url, cursor: next },
    headers: link && url !== null ? { link: `<${url}>; rel="next"` } : {},
  };
}
