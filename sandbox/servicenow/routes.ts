/** ServiceNow's REST APIs: Table, Attachment and Change Management, as their public documentation has them. */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { attachmentRoutes } from './attachments.ts';
import { changeRoutes } from './changes.ts';
import { credentials } from './credentials.ts';
import { noRecord, ServiceNowError } from './errors.ts';
import { type Hardware, type HardwareRow, installStatuses } from './hardware.ts';
import { type Query, select } from './query.ts';
import { type Records, type SnRecord, tableNames } from './records.ts';
import type { Field } from './references.ts';
import { type DisplayMode, fieldsOf, recordBody, rowBody } from './shapes.ts';
import { ownChoices } from './states.ts';
import { writeFields } from './write.ts';

const mostRows = 10_000;

export function serviceNowRoutes(
  app: FastifyInstance,
  prefix: string,
  { records, hardware }: { records: Records; hardware: Hardware },
  baseUrl: () => string,
): void {
  app.register(
    async (servicenow) => {
      servicenow.addHook('onRequest', async (_request, reply) => {
        reply.header('x-transaction-id', randomUUID().replaceAll('-', '').slice(0, 12));
      });
      servicenow.addHook('preHandler', async (request) => authenticate(request));
      servicenow.setErrorHandler((error, _request, reply) => {
        const known = errorOf(error);
        return reply.code(known.status).send(known.body);
      });
      servicenow.setNotFoundHandler(async () => {
        throw new ServiceNowError(400, 'Requested URI does not represent any resource');
      });
      tableRoutes(servicenow, { records, hardware }, baseUrl);
      changeRoutes(servicenow, records, baseUrl);
      servicenow.register(async (files) => attachmentRoutes(files, records, baseUrl));
    },
    { prefix },
  );
}

function tableRoutes(
  app: FastifyInstance,
  { records, hardware }: { records: Records; hardware: Hardware },
  baseUrl: () => string,
): void {
  app.get('/api/now/table/sys_choice', async (request) => {
    const query = request.query as Query;
    const rows = ['task', ...tableNames].flatMap((name) =>
      ownChoices(name).map(({ value, label }, index) => ({
        name,
        element: 'state',
        value,
        label,
        sequence: String(index).padStart(3, '0'),
        inactive: 'false',
        language: 'en',
      })),
    );
    const ofHardware = installStatuses.map((status, index) => ({
      name: 'alm_asset',
      element: 'install_status',
      ...status,
      sequence: String(index).padStart(3, '0'),
      inactive: 'false',
      language: 'en',
      sys_id: status.value,
    }));
    if (query.sysparm_query?.includes('element=install_status')) {
      const choices = select(ofHardware, query.sysparm_query, (row) => row);
      return { result: choices.map((row) => rowBody(row, showing(query, baseUrl()))) };
    }
    const found = page(
      select(rows, query.sysparm_query, (row) => row),
      query,
    );
    const names = query.sysparm_fields?.split(',');
    return {
      result: found.map((row) =>
        names ? Object.fromEntries(Object.entries(row).filter(([name]) => names.includes(name))) : row,
      ),
    };
  });

  app.get('/api/now/table/:table', async (request) => {
    const { table } = request.params as { table: string };
    const query = request.query as Query;
    const assets = hardware.table(table, query.sysparm_query);
    if (assets) {
      const fitting = select(assets, query.sysparm_query, (row) => plain(hardwareFields(row)));
      return {
        result: page(fitting, query).map((row) => rowBody(hardwareFields(row), showing(query, baseUrl()))),
      };
    }
    const found = select(records.list(known(table)), query.sysparm_query, asRow);
    return { result: page(found, query).map((record) => recordBody(record, showing(query, baseUrl()))) };
  });

  app.get('/api/now/table/:table/:id', async (request) => {
    const record = recordOf(request, records);
    return { result: recordBody(record, showing(request.query as Query, baseUrl())) };
  });

  hardwareRoutes(app, hardware, baseUrl);

  app.patch('/api/now/table/:table/:id', async (request) => {
    const record = recordOf(request, records);
    writeFields(records, record, request.body);
    return { result: recordBody(record, showing(request.query as Query, baseUrl())) };
  });
}

function recordOf(request: FastifyRequest, records: Records): SnRecord {
  const { table, id } = request.params as { table: string; id: string };
  const record = records.byId(known(table), id);
  if (record) return record;
  throw noRecord();
}

function known(table: string): string {
  if (tableNames.includes(table)) return table;
  throw new ServiceNowError(400, `Invalid table ${table}`);
}

function hardwareRoutes(app: FastifyInstance, hardware: Hardware, baseUrl: () => string): void {
  app.post('/api/now/table/alm_hardware', async (request, reply) => {
    const made = hardware.create(request.body);
    reply.code(201);
    return { result: rowBody(hardwareFields(made), showing(request.query as Query, baseUrl())) };
  });

  app.patch('/api/now/table/alm_hardware/:id', async (request) => {
    const row = hardware.byId((request.params as { id: string }).id);
    if (!row) throw noRecord();
    hardware.update(row, request.body);
    return { result: rowBody(hardwareFields(row), showing(request.query as Query, baseUrl())) };
  });
}

function hardwareFields({ sysId, fields }: HardwareRow): Record<string, Field> {
  return { ...fields, sys_id: sysId };
}

/** A row's plain values, as conditions see them. */
function asRow(record: SnRecord): Record<string, string> {
  return plain(fieldsOf(record));
}

function plain(fields: Record<string, Field>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, typeof field === 'string' ? field : field.value]),
  );
}

function page<T>(rows: T[], query: Query): T[] {
  const offset = Number(query.sysparm_offset ?? 0);
  return rows.slice(offset, offset + Number(query.sysparm_limit ?? mostRows));
}

function showing(query: Query, baseUrl: string) {
  return {
    fields: query.sysparm_fields,
    mode: (query.sysparm_display_value ?? 'false') as DisplayMode,
    links: query.sysparm_exclude_reference_link !== 'true',
    baseUrl,
  };
}

function authenticate(request: FastifyRequest): void {
  const pair = `${credentials.user}:${credentials.password}`;
  if (request.headers.authorization !== `Basic ${Buffer.from(pair).toString('base64')}`)
    throw new ServiceNowError(401, 'User is not authenticated', 'Required to provide Auth information');
}

function errorOf(error: unknown): ServiceNowError {
  if (error instanceof ServiceNowError) return error;
  const { statusCode = 500, message } = error as { statusCode?: number; message: string };
  return new ServiceNowError(statusCode, message);
}
