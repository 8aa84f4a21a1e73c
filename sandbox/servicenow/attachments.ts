/** The Attachment API. */
import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { credentials } from './credentials.ts';
import { noRecord, ServiceNowError } from './errors.ts';
import { type Query, select } from './query.ts';
import type { Attachment, Records, SnRecord } from './records.ts';
import { snTime } from './shapes.ts';

const path = '/api/now/attachment';

/** In a scope of its own, since here every body is the file itself, whatever its type. */
export function attachmentRoutes(app: FastifyInstance, records: Records, baseUrl: () => string): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));

  app.get(path, async (request) => {
    const { sysparm_query, sysparm_limit = '10000' } = request.query as Query;
    const all = records
      .list()
      .flatMap((record) => record.attachments.map((file) => metadataOf(record, file, baseUrl())));
    return { result: select(all, sysparm_query, (row) => row).slice(0, Number(sysparm_limit)) };
  });

  app.get(`${path}/:id/file`, async (request, reply) => {
    const { id } = request.params as { id: string };
    const file = records
      .list()
      .flatMap(({ attachments }) => attachments)
      .find(({ sys_id }) => sys_id === id);
    if (!file) throw noRecord();
    return reply.type(file.content_type).send(file.content);
  });

  app.post(`${path}/file`, async (request, reply) => {
    const { table_name = '', table_sys_id = '', file_name } = request.query as Query;
    if (!file_name) throw new ServiceNowError(400, 'Missing required parameter file_name');
    const record = records.byId(table_name, table_sys_id);
    if (!record) throw noRecord();
    const content = typeof request.body === 'string' ? request.body : '';
    const type = request.headers['content-type'] ?? 'application/octet-stream';
    const file = records.attach(record, { file_name, content, content_type: type });
    return reply.code(201).send({ result: metadataOf(record, file, baseUrl()) });
  });
}

function metadataOf(record: SnRecord, file: Attachment, baseUrl: string): Record<string, string> {
  return {
    sys_id: file.sys_id,
    file_name: file.file_name,
    content_type: file.content_type,
    table_name: record.table,
    table_sys_id: record.sysId,
    size_bytes: String(Buffer.byteLength(file.content)),
    hash: createHash('sha256').update(file.content).digest('hex'),
    sys_created_by: credentials.user,
    sys_created_on: snTime(file.at),
    download_link: `${baseUrl}${path}/${file.sys_id}/file`,
  };
}
