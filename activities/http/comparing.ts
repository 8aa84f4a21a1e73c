/** What is there and what a request would make of it: shown to those who sign, looked at before it is sent, and read back. */
import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { lineDifference } from '../../plan/line-difference.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import type { WebAnswer, WebClient } from './client.ts';
import { headers } from './fields.ts';

export const compare = Type.Object(
  {
    url: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Address at which it is read. Unsaid, that of the step.',
      }),
    ),
    headers,
    wanted: Type.Optional(
      Type.Unsafe<Json>({
        description:
          'What shall be read there afterwards. Unsaid: what is sent; where a part is changed, that part within what is there; nothing where it is removed.',
      }),
    ),
    ignore: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        description:
          'Names of fields that the service sets by itself, such as revision, wherever they stand.',
      }),
    ),
    from: Type.Optional(
      Type.Unsafe<Json>({
        description:
          'What must be there now, such as what an earlier step read for those who sign. Where it is something else, nothing is sent.',
      }),
    ),
  },
  {
    additionalProperties: false,
    description:
      'How to read what the step changes, by a request that changes nothing. 404 says that nothing is there.',
  },
);

export interface Compared {
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  headers?: Record<string, string>;
  body?: Json;
  compare?: Static<typeof compare>;
}

/** What is there now; null where nothing is. */
export async function look(
  client: WebClient,
  { url, headers: own, compare: given }: Compared,
): Promise<WebAnswer> {
  const answer = await client.send({
    method: 'GET',
    url: given?.url ?? url,
    ...defined({ headers: given?.headers ?? own }),
    expect: [404, 410],
  });
  return answer.status === 404 || answer.status === 410 ? { ...answer, body: null } : answer;
}

export function isSo(given: Compared, found: Json): boolean {
  return text(given, found) === text(given, wantedOf(given, found));
}

/** Whether all that is wanted is there, with whatever else the service says of it. */
export function holds(given: Compared, found: Json): boolean {
  const wanted = wantedOf(given, found);
  return wanted === null ? found === null : isWithin(kept(given, wanted), kept(given, found));
}

export function differenceOf(given: Compared, found: Json): string | undefined {
  return lineDifference(text(given, found), text(given, wantedOf(given, found)));
}

export function problemWith(given: Compared, found: Json): string | undefined {
  const { from } = given.compare ?? {};
  if (from === undefined || text(given, from) === text(given, found)) return undefined;
  return `What is at ${given.compare?.url ?? given.url} is not what this change starts from (\`compare.from\`). Look who changed it, and ask for it anew.`;
}

function wantedOf({ method, body = null, compare: given }: Compared, found: Json): Json {
  if (given?.wanted !== undefined) return given.wanted;
  if (method === 'DELETE') return null;
  return method === 'PATCH' ? merged(found, body) : body;
}

/** RFC 7396: null takes a field away. */
function merged(target: Json, patch: Json): Json {
  if (!isMap(patch)) return patch;
  const result: JsonObject = isMap(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch))
    if (value === null) delete result[name];
    else result[name] = merged(result[name] ?? null, value);
  return result;
}

/** The same for the same content, whatever the order of its fields. */
function text(given: Compared, value: Json): string {
  if (value === null) return '';
  return typeof value === 'string' ? value.trimEnd() : JSON.stringify(kept(given, value), null, 2);
}

function kept(given: Compared, value: Json): Json {
  if (Array.isArray(value)) return value.map((each) => kept(given, each));
  if (!isMap(value)) return value;
  const ignored = new Set(given.compare?.ignore ?? []);
  const entries = Object.entries(value).filter(([name]) => !ignored.has(name));
  return Object.fromEntries(
    entries.sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, each]) => [name, kept(given, each)]),
  );
}

function isWithin(wanted: Json, found: Json): boolean {
  if (Array.isArray(wanted))
    return (
      Array.isArray(found) &&
      wanted.length === found.length &&
      wanted.every((each, at) => isWithin(each, found[at] as Json))
    );
  if (!isMap(wanted))
    return typeof wanted === 'string' && typeof found === 'string'
      ? wanted.trimEnd() === found.trimEnd()
      : wanted === found;
  return isMap(found) && Object.entries(wanted).every(([name, each]) => isWithin(each, found[name] ?? null));
}

function isMap(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
