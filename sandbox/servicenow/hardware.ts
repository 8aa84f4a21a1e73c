/** The tables around hardware: assets, their models, people. Every change is an effect first, and is made from that effect alone. */
import type { Effect, Effects } from '../effects.ts';
import { ServiceNowError } from './errors.ts';
import { type Field, idOf, person, type Reference } from './references.ts';

export interface HardwareRow {
  sysId: string;
  fields: Record<string, Field>;
}

const people = [
  'lou.maier@example.com',
  'kim.okafor@example.com',
  'dana.reyes@example.com',
  'noor.haddad@example.com',
];

const models = ['Laptop 14 inch', 'Laptop 16 inch', 'Screen 27 inch'];

/** Of `install_status`, as every instance begins with it. */
export const installStatuses = [
  { value: '1', label: 'In use' },
  { value: '2', label: 'On order' },
  { value: '3', label: 'In maintenance' },
  { value: '6', label: 'In stock' },
  { value: '7', label: 'Retired' },
  { value: '8', label: 'Missing' },
];

const laptopCategory = idOf('category Computer');
const empty = {
  asset_tag: '',
  serial_number: '',
  display_name: '',
  model: '',
  model_category: '',
  assigned_to: '',
  install_status: '6',
  substatus: '',
  warranty_expiration: '',
  retirement_date: '',
  comments: '',
  work_notes: '',
  po_number: '',
};

const laptop: Reference = {
  table: 'cmdb_model',
  value: idOf('model Laptop 14 inch'),
  display_value: 'Laptop 14 inch',
};

export class Hardware {
  private rows: HardwareRow[] = [];
  private readonly effects: Effects;

  constructor(effects: Effects) {
    this.effects = effects;
    this.reset();
    for (const effect of effects.list({ system: 'servicenow' })) this.apply(effect);
  }

  reset(): void {
    this.rows = [];
    this.insert({
      asset_tag: 'EX-1001',
      serial_number: 'SN-LOU-1',
      assigned_to: person(people[0] ?? ''),
      install_status: '1',
      retirement_date: '2026-06-30',
    });
    this.insert({ asset_tag: 'EX-1002', serial_number: 'SN-OLD-1', install_status: '7' });
    this.insert({ asset_tag: 'EX-1003', serial_number: 'SN-8001', warranty_expiration: '2027-01-31' });
  }

  /** The rows of a table that is played here; undefined for any other. */
  table(name: string, query = ''): HardwareRow[] | undefined {
    if (name === 'alm_hardware') return this.rows;
    if (name === 'cmdb_hardware_product_model')
      return models.map((model) => ({
        sysId: idOf(`model ${model}`),
        fields: { name: model, display_name: `Example ${model}`, cmdb_model_category: laptopCategory },
      }));
    // How others look for people is played elsewhere.
    if (name === 'sys_user' && /^email=[^^]*\^active=true/.test(query))
      return people.map((email) => ({ sysId: person(email).value, fields: { email, active: 'true' } }));
    return undefined;
  }

  byId(sysId: string): HardwareRow | undefined {
    return this.rows.find((row) => row.sysId === sysId);
  }

  create(body: unknown): HardwareRow {
    const fields = this.checked(body);
    if (
      !models.some((model) => idOf(`model ${model}`) === fields.model) ||
      fields.model_category !== laptopCategory
    )
      throw new ServiceNowError(
        403,
        'Operation Failed',
        'Data Policy Exception: Model, Model category are mandatory',
      );
    if (fields.asset_tag && this.rows.some((row) => row.fields.asset_tag === fields.asset_tag))
      throw new ServiceNowError(403, 'Operation Failed', 'Duplicate asset tag');
    const name = models.find((model) => idOf(`model ${model}`) === fields.model) ?? '';
    const model = { table: 'cmdb_model', value: fields.model ?? '', display_value: name };
    this.change('hardware.created', fields.serial_number ?? '', { fields: { ...fields, model } });
    const made = this.rows.at(-1);
    if (!made) throw new Error('An asset was not kept.');
    return made;
  }

  update(row: HardwareRow, body: unknown): void {
    const { assigned_to: holder, ...fields } = this.checked(body);
    const email = people.find((each) => person(each).value === holder);
    const assigned = holder === undefined ? {} : { assigned_to: email === undefined ? '' : person(email) };
    this.change('hardware.updated', String(row.fields.serial_number), {
      id: row.sysId,
      fields: { ...fields, ...assigned },
    });
  }

  private checked(body: unknown): Record<string, string> {
    const fields = (body ?? {}) as Record<string, string>;
    // ServiceNow passes over what it does not know; to send it is a mistake of ours.
    const unknown = Object.keys(fields).find((name) => !Object.hasOwn(empty, name));
    if (unknown)
      throw new ServiceNowError(400, 'Invalid field', `alm_hardware has no field ${unknown} to write.`);
    return fields;
  }

  private change(effect: string, subject: string, detail: Record<string, unknown>): void {
    this.apply(this.effects.add('servicenow', effect, subject, detail));
  }

  private apply({ effect, detail = {} }: Effect): void {
    const fields = detail.fields as Record<string, Field>;
    if (effect === 'hardware.created') this.insert(fields);
    if (effect !== 'hardware.updated') return;
    const row = this.byId(String(detail.id));
    if (row) Object.assign(row.fields, fields);
  }

  private insert(fields: Record<string, Field>): void {
    const tag = `P${1000 + this.rows.length}`;
    const row = { ...empty, model: laptop, ...fields };
    row.asset_tag ||= tag;
    this.rows.push({ sysId: idOf(`hardware ${this.rows.length}`), fields: row });
  }
}
