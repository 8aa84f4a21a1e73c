/** What a document says of an answer, as the `types` of a connector: the author strikes what no action reads. */
import { camelCase } from '../../plan/lexical.ts';
import type { Json, JsonObject, JsonSchema } from '../../plan/plan.ts';
import type { Operation } from './contract.ts';

export interface DraftFile {
  /** Below the connector's folder. */
  path: string;
  text: string;
}

/** An answer that is a thing, or a list of them, by the name of the type that it has in the connector. */
export interface AnswerDraft {
  type: string;
  /** Of a list: where its items stand. */
  items?: string;
  item: JsonSchema;
}

/** More of one answer than anybody reads. */
const mostFields = 15;

export class TypeDrafts {
  private readonly document: JsonObject;
  private readonly lines = new Map<string, string[]>();

  constructor(document: JsonObject) {
    this.document = document;
  }

  /** Undefined where the document does not say enough of the answer. */
  ofAnswer({ path, method, answerSchema }: Operation): AnswerDraft | undefined {
    if (!answerSchema) return undefined;
    const written = this.successOf(path, method);
    if (answerSchema.type === 'array') return this.listOf(answerSchema, written, 'answer.body', path);
    const lists = Object.entries(propertiesOf(answerSchema)).filter(([, each]) => hasObjects(each));
    const [list] = lists;
    if (list && lists.length === 1 && isRoomFor(answerSchema, list[0]))
      return this.listOf(
        list[1],
        propertiesOf(this.target(written))[list[0]],
        `answer.body.${list[0]}`,
        path,
      );
    const type = this.add(answerSchema, written, path);
    return type === undefined ? undefined : { type, item: answerSchema };
  }

  text(): string {
    if (this.lines.size === 0) return 'types: {}\n';
    const all = [...this.lines].map(([name, fields]) => `  ${name}:\n${fields.join('\n')}`);
    return `# As the document has it: \`?\` may be absent or null. Strike what no action reads.\ntypes:\n${all.join('\n')}\n`;
  }

  private listOf(
    list: JsonSchema,
    written: JsonSchema | undefined,
    items: string,
    path: string,
  ): AnswerDraft | undefined {
    const item = (list.items ?? {}) as JsonSchema;
    const type = this.add(item, this.target(written).items as JsonSchema | undefined, path);
    return type === undefined ? undefined : { type, items, item };
  }

  private add(schema: JsonSchema, written: JsonSchema | undefined, path: string): string | undefined {
    const fields = Object.entries(propertiesOf(schema)).filter(([name]) => /^[A-Za-z_]\w*$/.test(name));
    if (fields.length === 0) return undefined;
    const named = typeof written?.$ref === 'string' ? written.$ref.split('/').at(-1) : lastWord(path);
    const name = camelCase(named ?? '') || 'answer';
    const required = Array.isArray(schema.required) ? schema.required : [];
    const lines = fields
      .slice(0, mostFields)
      .map(([field, each]) => `    ${field}: ${this.typeOf(each, required.includes(field))}`);
    if (fields.length > mostFields) lines.push('    # The document has more of them.');
    this.lines.set(name, lines);
    return name;
  }

  private typeOf(schema: JsonSchema, isRequired: boolean): string {
    const { plain, mayBeNull } = withoutNull(schema);
    const mark = isRequired && !mayBeNull ? '' : '?';
    const items = (plain.items ?? {}) as JsonSchema;
    if (plain.type === 'array' && isSimple(items.type)) return `${items.type}[]${mark}`;
    if (isSimple(plain.type)) return `${plain.type}${mark}`;
    // Of a thing within it an author says more; what can be asked of it is known by the contract.
    if (plain.type === 'object' || isObject(plain.properties as Json)) return `object${mark}`;
    return mark ? '{ optional: true }' : '{}';
  }

  private successOf(path: string, method: string): JsonSchema | undefined {
    const operation = ((this.document.paths as Record<string, JsonObject>)[path]?.[method] ??
      {}) as JsonObject;
    const responses = (operation.responses ?? {}) as JsonObject;
    const success = Object.keys(responses).find((status) => /^2/.test(status)) ?? 'default';
    const content = (this.target(responses[success]).content ?? {}) as Record<string, JsonObject>;
    const json = Object.keys(content).find((name) => /json/.test(name));
    return json === undefined ? undefined : (content[json]?.schema as JsonSchema | undefined);
  }

  private target(part: Json | undefined): JsonObject {
    const ref = isObject(part) && typeof part.$ref === 'string' ? part.$ref : undefined;
    if (ref === undefined) return isObject(part) ? part : {};
    const found = ref
      .slice(2)
      .split('/')
      .reduce<Json>((at, key) => (isObject(at) ? (at[key] ?? {}) : {}), this.document);
    return isObject(found) ? found : {};
  }
}

/** `anyOf` a schema and null is that schema, which may be null. */
export function withoutNull(schema: JsonSchema): { plain: JsonSchema; mayBeNull: boolean } {
  const either = Array.isArray(schema.anyOf) ? (schema.anyOf as JsonSchema[]) : undefined;
  const others = either?.filter(({ type }) => type !== 'null');
  if (others?.length === 1 && others[0])
    return { plain: others[0], mayBeNull: others.length < (either?.length ?? 0) };
  if (Array.isArray(schema.type)) {
    const types = schema.type.filter((type) => type !== 'null');
    if (types.length === 1)
      return { plain: { ...schema, type: types[0] as string }, mayBeNull: schema.type.length > 1 };
  }
  return { plain: schema, mayBeNull: false };
}

/** `badge` of `/v2/badges/{id}`. */
function lastWord(path: string): string | undefined {
  const word = path
    .split('/')
    .filter((part) => part && !part.includes('{'))
    .at(-1);
  return word?.replace(/ies$/, 'y').replace(/([^s])s$/, '$1');
}

/** What stands beside a list counts it: a thing that merely has a list says more of itself. */
function isRoomFor(schema: JsonSchema, list: string): boolean {
  return (
    Object.entries(propertiesOf(schema)).filter(([name, { type }]) => name !== list && type === 'string')
      .length <= 1
  );
}

function hasObjects({ type, items }: JsonSchema): boolean {
  return type === 'array' && Object.keys(propertiesOf((items ?? {}) as JsonSchema)).length > 0;
}

function isSimple(type: Json | undefined): boolean {
  return typeof type === 'string' && ['string', 'integer', 'number', 'boolean'].includes(type);
}

export function propertiesOf(schema: JsonSchema): Record<string, JsonSchema> {
  return isObject(schema.properties as Json) ? (schema.properties as Record<string, JsonSchema>) : {};
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
