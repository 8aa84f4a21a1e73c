/** Writing to a record: what the Table API and the Change Management API have in common. */
import { credentials } from './credentials.ts';
import { ServiceNowError } from './errors.ts';
import type { Entry, Records, SnRecord } from './records.ts';
import { fieldsOf } from './shapes.ts';
import { labelOf, neededIn, nextOf, statesOf } from './states.ts';

const readOnly = ['sys_id', 'number', 'sys_class_name', 'sys_mod_count', 'sys_created_on', 'sys_updated_on'];

export function writeFields(records: Records, record: SnRecord, body: unknown): void {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new ServiceNowError(400, 'Exception while reading request', 'The payload is not valid JSON');
  const { comments, work_notes, ...fields } = body as Record<string, string>;
  // ServiceNow passes over what it does not know; to send it is a mistake of ours.
  for (const name of Object.keys(fields))
    if (!Object.hasOwn(fieldsOf(record), name) || readOnly.includes(name))
      throw new ServiceNowError(400, 'Invalid field', `${record.table} has no field ${name} to write.`);
  if (fields.state !== undefined) checkState(record, fields.state, fields);
  if (Object.keys(fields).length > 0) records.update(record, fields);
  const entries: [Entry['field'], string | undefined][] = [
    ['comments', comments],
    ['work_notes', work_notes],
  ];
  for (const [field, text] of entries) if (text) records.addEntry(record, field, text, credentials.name);
}

function checkState(record: SnRecord, to: string, fields: Record<string, string>): void {
  const { table, number } = record;
  const from = String(record.fields.state);
  const may = table === 'change_request' ? nextOf(from) : statesOf(table).map(({ value }) => value);
  if (to !== from && !may.includes(to))
    throw new ServiceNowError(
      403,
      'Operation Failed',
      `${number} cannot go from ${labelOf(table, from)} to ${labelOf(table, to)}: Invalid state transition`,
    );
  const missing = neededIn(table, to).filter((name) => !fields[name] && !record.fields[name]);
  if (missing.length > 0)
    throw new ServiceNowError(
      403,
      'Operation Failed',
      `Data Policy Exception: The following fields are mandatory: ${missing.join(', ')}`,
    );
}
