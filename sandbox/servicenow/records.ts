/** The records behind the ServiceNow stand-in. Every change is an effect first, and is made from that effect alone. */
import type { Effect, Effects } from '../effects.ts';
import { type Field, idOf } from './references.ts';
import { type NewRecord, seedRecords } from './seed.ts';

export interface Entry {
  field: 'comments' | 'work_notes';
  text: string;
  by: string;
  at: string;
}

export interface Attachment {
  sys_id: string;
  file_name: string;
  content_type: string;
  content: string;
  at: string;
}

export interface SnRecord {
  table: string;
  sysId: string;
  number: string;
  fields: Record<string, Field>;
  /** Of a requested item, what its form asked. */
  variables: Record<string, string>;
  modCount: number;
  createdOn: string;
  updatedOn: string;
  journal: Entry[];
  attachments: Attachment[];
}

/** First numbers after those of the seed. */
const numbering: Record<string, [prefix: string, first: number]> = {
  change_request: ['CHG', 30_001],
  sc_req_item: ['RITM', 10_001],
  incident: ['INC', 10_001],
  sc_task: ['SCTASK', 10_001],
};

export const tableNames = Object.keys(numbering);

const firstState: Record<string, string> = { change_request: '-5' };
const seeded = '2026-01-05T09:00:00.000Z';

export class Records {
  private readonly records = new Map<string, SnRecord>();
  private readonly effects: Effects;

  constructor(effects: Effects) {
    this.effects = effects;
    this.reset();
    for (const effect of effects.list({ system: 'servicenow' })) this.apply(effect);
  }

  reset(): void {
    this.records.clear();
    for (const record of seedRecords()) this.insert(record.number, record, seeded);
  }

  list(table?: string): SnRecord[] {
    return [...this.records.values()].filter((record) => !table || record.table === table);
  }

  byNumber(number: string): SnRecord | undefined {
    return this.records.get(number);
  }

  byId(table: string, sysId: string): SnRecord | undefined {
    return this.list(table).find((record) => record.sysId === sysId);
  }

  create(record: NewRecord): SnRecord {
    const [prefix, first] = numbering[record.table] ?? ['TASK', 1];
    const next = first + this.list(record.table).length;
    const number = record.number ?? `${prefix}${String(next).padStart(7, '0')}`;
    this.change('record.created', number, { record });
    return this.recordOf(number);
  }

  update(record: SnRecord, fields: Record<string, Field>, variables: Record<string, string> = {}): void {
    const { state } = fields;
    const moved = state === undefined ? {} : { from: record.fields.state, to: state };
    this.change('record.updated', record.number, { fields, variables, ...moved });
  }

  remove(record: SnRecord): void {
    this.change('record.deleted', record.number, {});
  }

  addEntry(record: SnRecord, field: Entry['field'], text: string, by: string): void {
    this.change('journal.added', record.number, { field, text, by });
  }

  attach(record: SnRecord, file: Pick<Attachment, 'file_name' | 'content_type' | 'content'>): Attachment {
    const sysId = idOf(`${record.number} attachment ${record.attachments.length}`);
    this.change('file.attached', record.number, { ...file, sys_id: sysId });
    const added = record.attachments.at(-1);
    if (!added) throw new Error('An attachment was not kept.');
    return added;
  }

  private change(effect: string, subject: string, detail: Record<string, unknown>): void {
    this.apply(this.effects.add('servicenow', effect, subject, detail));
  }

  private apply({ effect, subject, at, detail = {} }: Effect): void {
    if (effect === 'record.created') {
      this.insert(subject, detail.record as NewRecord, at);
      return;
    }
    const record = this.records.get(subject);
    if (!record) return;
    if (effect === 'record.deleted') {
      this.records.delete(subject);
      return;
    }
    if (effect === 'file.attached') {
      record.attachments.push({ ...(detail as unknown as Attachment), at });
      return;
    }
    record.updatedOn = at;
    record.modCount += 1;
    if (effect === 'record.updated') {
      Object.assign(record.fields, detail.fields);
      Object.assign(record.variables, detail.variables);
    } else if (effect === 'journal.added') {
      record.journal.push({ ...(detail as unknown as Omit<Entry, 'at'>), at });
    }
  }

  private insert(number: string, { table, fields = {}, variables = {} }: NewRecord, at: string): void {
    this.records.set(number, {
      table,
      sysId: idOf(number),
      number,
      fields: { state: firstState[table] ?? '1', ...structuredClone(fields) },
      variables: { ...variables },
      modCount: 0,
      createdOn: at,
      updatedOn: at,
      journal: [],
      attachments: [],
    });
  }

  private recordOf(number: string): SnRecord {
    const record = this.records.get(number);
    if (!record) throw new Error(`There is no record ${number}.`);
    return record;
  }
}
