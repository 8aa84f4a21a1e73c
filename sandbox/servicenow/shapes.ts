/** Records as the Table API shows them: values, what people read, or both. */
import { defined } from '../../plan/defined.ts';
import { installStatuses } from './hardware.ts';
import type { SnRecord } from './records.ts';
import type { Field } from './references.ts';
import { labelOf } from './states.ts';

/** ServiceNow writes times in universal time, without saying so. */
export function snTime(time: string | number): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}

const journals = ['comments', 'work_notes'] as const;

/** Every field that the record has, also those that nobody fills in. */
export function fieldsOf(record: SnRecord): Record<string, Field> {
  return {
    close_code: '',
    close_notes: '',
    ...record.fields,
    sys_id: record.sysId,
    number: record.number,
    sys_class_name: record.table,
    sys_mod_count: String(record.modCount),
    sys_created_on: snTime(record.createdOn),
    sys_updated_on: snTime(record.updatedOn),
    comments: '',
    work_notes: '',
  };
}

export type DisplayMode = 'false' | 'true' | 'all';

/** Without names, all fields; of those named, those that there are. */
export function recordBody(
  record: SnRecord,
  options: { fields?: string | undefined; mode: DisplayMode; links: boolean; baseUrl: string },
): Record<string, unknown> {
  const all = fieldsOf(record);
  const names = options.fields?.split(',').map((name) => name.trim()) ?? Object.keys(all);
  return Object.fromEntries(
    names.flatMap((name) => {
      const field = walk(all, name);
      return field === undefined ? [] : [[name, shown(record, name, field, options)]];
    }),
  );
}

/** The same of a row that is no ticket. */
export function rowBody(
  all: Record<string, Field>,
  { fields, mode }: { fields?: string | undefined; mode: DisplayMode },
): Record<string, unknown> {
  const names = fields?.split(',') ?? Object.keys(all);
  return Object.fromEntries(
    names.flatMap((name) => {
      const field = walk(all, name);
      if (field === undefined) return mode === 'all' ? [[name, { value: '', display_value: '' }]] : [];
      const value = typeof field === 'string' ? field : field.value;
      const label = installStatuses.find((each) => name === 'install_status' && each.value === field)?.label;
      const display = label ?? (typeof field === 'string' ? field : field.display_value);
      return [[name, mode === 'all' ? { value, display_value: display } : mode === 'true' ? display : value]];
    }),
  );
}

/** `requested_by.email`: a field of the record that a reference leads to. */
function walk(all: Record<string, Field>, name: string): Field | undefined {
  const [first = '', second] = name.split('.');
  const field = Object.hasOwn(all, first) ? all[first] : undefined;
  if (second === undefined || field === undefined) return field;
  if (typeof field === 'string') return undefined;
  return second === 'email' ? (field.email ?? '') : undefined;
}

function shown(
  record: SnRecord,
  name: string,
  field: Field,
  { mode, links, baseUrl }: { mode: DisplayMode; links: boolean; baseUrl: string },
): unknown {
  const value = typeof field === 'string' ? field : field.value;
  const display = displayOf(record, name, field);
  const link = defined({
    link:
      typeof field === 'string' || !links
        ? undefined
        : `${baseUrl}/api/now/table/${field.table}/${field.value}`,
  });
  if (mode === 'true')
    return typeof field === 'string' || !links ? display : { display_value: display, ...link };
  if (mode === 'all') return { display_value: display, value, ...link };
  return typeof field === 'string' || !links ? value : { value, ...link };
}

function displayOf(record: SnRecord, name: string, field: Field): string {
  if (name === 'state') return labelOf(record.table, String(field));
  const journal = journals.find((each) => each === name);
  if (journal) return journalText(record, journal);
  return typeof field === 'string' ? field : field.display_value;
}

/** The newest entry first, each with its heading. */
function journalText({ journal }: SnRecord, name: (typeof journals)[number]): string {
  const label = name === 'comments' ? 'Additional comments' : 'Work notes';
  return journal
    .filter(({ field }) => field === name)
    .reverse()
    .map(({ at, by, text }) => `${snTime(at)} - ${by} (${label})\n${text}\n\n`)
    .join('');
}
