/** Answers in Snipe-IT's form: all fields of its transformers, most of them empty here. */
import { type AssetRecord, type Inventory, models, type PersonRecord, statuses } from './inventory.ts';

const seeded = { datetime: '2026-01-05 09:00:00', formatted: '2026-01-05 09:00 AM' };

export function page<Row>(rows: Row[], query: Record<string, string | undefined>) {
  const offset = Number(query.offset ?? 0) || 0;
  // Snipe-IT has a limit of its own, whatever one asks for.
  const limit = Math.min(Number(query.limit ?? 50) || 50, 500);
  return { total: rows.length, rows: rows.slice(offset, offset + limit) };
}

export function success(messages: string, payload: unknown) {
  return { status: 'success', messages, payload };
}

/** With the status 200, as Snipe-IT does. */
export function failure(messages: string | Record<string, string[]>, payload: unknown = null) {
  return { status: 'error', messages, payload };
}

export function assetRow(asset: AssetRecord, inventory: Inventory) {
  const model = models.find(({ id }) => id === asset.modelId);
  const status = statuses.find(({ id }) => id === asset.statusId);
  const holder = inventory.people().find(({ id }) => id === asset.holder);
  return {
    id: asset.id,
    name: html(asset.name),
    asset_tag: html(asset.tag),
    serial: html(asset.serial),
    model: model ? { id: model.id, name: html(model.name) } : null,
    byod: false,
    requestable: false,
    model_number: model?.number ?? null,
    eol: null,
    asset_eol_date: asset.endOfLife && { date: asset.endOfLife, formatted: asset.endOfLife },
    status_label: status && {
      id: status.id,
      name: status.name,
      status_type: status.type,
      status_meta: holder ? 'deployed' : status.type,
    },
    category: { id: 1, name: 'Hardware' },
    manufacturer: { id: 1, name: 'Example Devices' },
    supplier: null,
    notes: asset.notes && html(asset.notes),
    order_number: asset.orderNumber,
    company: null,
    location: null,
    rtd_location: null,
    image: null,
    qr: null,
    alt_barcode: null,
    assigned_to: holder ? holderRow(holder) : null,
    warranty_months: null,
    warranty_expires: asset.warrantyEnds && { date: asset.warrantyEnds, formatted: asset.warrantyEnds },
    created_by: null,
    created_at: seeded,
    updated_at: seeded,
    last_audit_date: null,
    next_audit_date: null,
    deleted_at: null,
    purchase_date: null,
    age: '',
    last_checkout: null,
    last_checkin: null,
    expected_checkin: asset.expectedBack && { date: asset.expectedBack, formatted: asset.expectedBack },
    purchase_cost: null,
    checkin_counter: 0,
    checkout_counter: 0,
    requests_counter: 0,
    user_can_checkout: !holder && status?.type === 'deployable',
    book_value: null,
  };
}

/** Snipe-IT escapes what people wrote, in its API too. */
export function html(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#039;');
}

function holderRow({ id, name, email }: PersonRecord) {
  const [first_name = '', last_name = ''] = name.split(' ');
  return {
    id,
    username: email.split('@')[0],
    name,
    first_name,
    last_name,
    email,
    employee_number: null,
    type: 'user',
  };
}

export function personRow({ id, name, email }: PersonRecord, inventory: Inventory) {
  const [first_name = '', last_name = ''] = name.split(' ');
  return {
    id,
    avatar: null,
    name,
    first_name,
    last_name,
    username: email.split('@')[0],
    email,
    activated: true,
    assets_count: inventory.list().filter((asset) => asset.holder === id).length,
    created_at: seeded,
    updated_at: seeded,
    deleted_at: null,
  };
}
