/** A file of the repository as a value: what an attachment takes, with the hash of its content. */
import { createHash } from 'node:crypto';
import type { JsonObject } from '../../plan/plan.ts';
import { int, objectType, string } from '../expressions/types.ts';

export const fileType = objectType({ name: string, type: string, size: int, sha256: string, base64: string });

const types: Record<string, string> = {
  csv: 'text/csv; charset=utf-8',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  html: 'text/html; charset=utf-8',
  ics: 'text/calendar; charset=utf-8',
  jpg: 'image/jpeg',
  md: 'text/markdown; charset=utf-8',
  pdf: 'application/pdf',
  png: 'image/png',
  txt: 'text/plain; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

export function fileOf(path: string, base64: string): JsonObject {
  const content = Buffer.from(base64, 'base64');
  const name = path.slice(path.lastIndexOf('/') + 1);
  const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return {
    name,
    type: (Object.hasOwn(types, ending) ? types[ending] : undefined) ?? 'application/octet-stream',
    size: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    base64,
  };
}
