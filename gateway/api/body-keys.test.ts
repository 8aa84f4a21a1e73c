import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { TestGateway } from '../testing.ts';

const database = await testDatabase();

const coordinator = 'c.kim@example.com';

interface Schema {
  type?: string;
  enum?: unknown[];
  required?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  minItems?: number;
  minLength?: number;
  anyOf?: Schema[];
}

/** The least that fits. */
function least(schema: Schema): unknown {
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) return least(schema.anyOf[0] ?? {});
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((name) => [name, least(schema.properties?.[name] ?? {})]),
      );
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => least(schema.items ?? {}));
    case 'integer':
    case 'number':
      return 1;
    case 'boolean':
      return true;
    default:
      return 'x'.repeat(Math.max(1, schema.minLength ?? 0));
  }
}

describeWith(database)('A body with a key that its route does not know', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await TestGateway.start({ database: database?.url ?? '', runbooks: [] });
  });
  afterAll(async () => {
    await gateway.stop();
    await database?.drop();
  });

  it('is refused by every route, and the key is named: whoever mistyped one is not told that it was done', async () => {
    const { paths } = gateway.app.swagger() as unknown as {
      paths: Record<
        string,
        Record<
          string,
          {
            requestBody?: { content: Record<string, { schema: Schema }> };
            parameters?: { name: string; schema?: { type?: string } }[];
          }
        >
      >;
    };
    const taken: string[] = [];
    let asked = 0;
    for (const [path, methods] of Object.entries(paths))
      for (const [method, { requestBody, parameters = [] }] of Object.entries(methods)) {
        if (method === 'get' || !path.startsWith('/api/')) continue;
        asked += 1;
        const numbered = parameters
          .filter(({ schema }) => schema?.type === 'integer')
          .map(({ name }) => name);
        const schema = requestBody?.content['application/json']?.schema ?? { type: 'object' };
        const { statusCode, body } = await gateway.app.inject({
          method: method.toUpperCase() as 'POST',
          url: path.replace(/\{(\w+)\}/g, (_, name: string) => (numbered.includes(name) ? '1' : 'xxxx')),
          headers: { host: 'localhost:8321', ...gateway.headersOf(coordinator) },
          payload: { ...(least(schema) as object), surprise: 1 },
        });
        if (statusCode !== 400 || !body.includes('surprise'))
          taken.push(`${method} ${path} ${statusCode} ${body}`);
      }
    expect(asked).toBeGreaterThan(15);
    expect(taken).toEqual([]);
  });
});
