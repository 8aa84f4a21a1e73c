/**
 * ServiceNow's hardware table (alm_hardware) by the Table API. The statuses that all systems share have ServiceNow's own names there:
 * what is "Archived" elsewhere is "Retired", and is read so too.
 */
import { defined } from '../../plan/defined.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { HttpClient, secureBaseUrl } from '../kit/http.ts';
import { trustOf } from '../kit/trust.ts';
import {
  type Asset,
  type AssetName,
  AssetSystem,
  type Changed,
  type CheckOut,
  type Details,
  type Ending,
  type NewAsset,
  type Person,
  sameText,
} from './system.ts';

export interface ServiceNowSettings {
  baseUrl: string;
  user: string;
  password: string;
  ca?: Parameters<typeof trustOf>[1];
}

const pageSize = 200;
const fields =
  'sys_id,asset_tag,serial_number,display_name,model,assigned_to,assigned_to.email,install_status,warranty_expiration,retirement_date,comments';

/** Of `install_status`, as every instance begins with it. */
const inUse = '1';
const inStock = '6';

const ownNames: [neutral: string, own: string][] = [
  ['Ready to Deploy', 'In stock'],
  ['Pending', 'On order'],
  ['In Repair', 'In maintenance'],
  ['Lost', 'Missing'],
  ['Archived', 'Retired'],
];

/** One that is given to nobody, by the name that all systems share. */
const withheld = ['Pending', 'In Repair', 'Lost', 'Archived'];

interface Value {
  value?: string | null;
  display_value?: string | null;
}

type Row = Record<string, Value | undefined>;

export class ServiceNow extends AssetSystem {
  readonly title = 'ServiceNow';
  private readonly http: HttpClient;

  constructor({ baseUrl, user, password, ca }: ServiceNowSettings) {
    super();
    const credentials = Buffer.from(`${user}:${password}`).toString('base64');
    this.http = new HttpClient({
      service: this.title,
      setting: 'connectors.assets.baseUrl',
      trust: trustOf('assets', ca),
      isOwn: (body) => 'result' in body,
      baseUrl: `${secureBaseUrl('connectors.assets.baseUrl', baseUrl)}/api/now/table`,
      headers: () => ({ authorization: `Basic ${credentials}` }),
      wordsOf,
      requestIdHeader: 'x-transaction-id',
    });
  }

  async check(): Promise<void> {
    const query = { sysparm_limit: 1, sysparm_fields: 'sys_id' };
    await this.http.for(this.signal).send({ method: 'GET', path: '/alm_hardware', query });
  }

  protected async named({ serialNumber, tag }: AssetName): Promise<Asset[]> {
    const [field, value = ''] = tag === undefined ? ['serial_number', serialNumber] : ['asset_tag', tag];
    const found = await this.hardware(`${field}=${literal(value)}`);
    return found.filter((asset) => sameText(tag === undefined ? asset.serialNumber : asset.tag, value));
  }

  async findPerson(email: string): Promise<Person | undefined> {
    const rows = await this.rows('sys_user', `email=${literal(email)}^active=true`, 'sys_id,email');
    const found = rows.find((row) => sameText(row.email?.value, email));
    return found && { id: valueIn(found, 'sys_id'), email };
  }

  heldBy({ id }: Person): Promise<Asset[]> {
    return this.hardware(`assigned_to=${id}`);
  }

  async ending({ by, what }: Ending): Promise<Asset[]> {
    const column = what === 'warranty' ? 'warranty_expiration' : 'retirement_date';
    const found = await this.hardware(`${column}ISNOTEMPTY`);
    return found.filter((asset) => (what === 'warranty' ? asset.warrantyEnds : asset.lifeEnds) <= by);
  }

  async checkOut({ id }: Asset, person: Person, { note, expectedBack }: CheckOut): Promise<void> {
    const words = [...(note ? [note] : []), ...(expectedBack ? [`Comes back on ${expectedBack}.`] : [])];
    await this.patch(id, {
      assigned_to: person.id,
      install_status: inUse,
      ...defined({ work_notes: words.length > 0 ? words.join(' ') : undefined }),
    });
  }

  async checkIn({ id }: Asset, note: string | undefined): Promise<void> {
    const news = { assigned_to: '', install_status: inStock, substatus: 'available' };
    await this.patch(id, { ...news, ...defined({ work_notes: note || undefined }) });
  }

  async modelProblem(model: string): Promise<string | undefined> {
    if (await this.model(model)) return undefined;
    return `ServiceNow has no model "${model}" that this account may see. Add it there as a hardware model, or correct \`model\`.`;
  }

  async add({ serialNumber, model, tag, purchaseOrder }: NewAsset): Promise<Pick<Asset, 'id' | 'tag'>> {
    const found = await this.model(model);
    const { body } = await this.http.for(this.signal).send({
      method: 'POST',
      path: '/alm_hardware',
      query: { sysparm_fields: 'sys_id,asset_tag', sysparm_exclude_reference_link: true },
      body: {
        serial_number: serialNumber,
        model: found && valueIn(found, 'sys_id'),
        // A model may be of several categories; an asset is of one.
        model_category: found && valueIn(found, 'cmdb_model_category').split(',')[0],
        install_status: inStock,
        substatus: 'available',
        ...defined({ asset_tag: tag || undefined, po_number: purchaseOrder || undefined }),
      },
    });
    const { sys_id: id = '', asset_tag: made = '' } = (body as { result: Record<string, string> }).result;
    return { id, tag: made };
  }

  override detailsProblem({ name }: Details): string | undefined {
    if (name === undefined) return undefined;
    return 'ServiceNow makes the name of an asset of its tag and model itself. Leave out `name`.';
  }

  setDetails({ id }: Asset, { notes }: Details): Promise<void> {
    return this.patch(id, defined({ comments: notes }));
  }

  async statusNamed(name: string): Promise<Changed> {
    const own = ownNames.find(([neutral]) => sameText(neutral, name))?.[1] ?? name;
    const choices = await this.rows(
      'sys_choice',
      'nameINalm_hardware,alm_asset^element=install_status^inactive=false',
      'value,label',
    );
    const found = choices.find((choice) => sameText(choice.label?.value, own));
    if (found) return { status: neutralName(valueIn(found, 'label')), value: valueIn(found, 'value') };
    const known = [...new Set(choices.map((choice) => neutralName(valueIn(choice, 'label'))))].join(', ');
    return {
      problem: `ServiceNow has no status ${own} for hardware. There is: ${known || 'none that this account may see'}.`,
    };
  }

  setStatus({ id }: Asset, { value = '' }: Changed): Promise<void> {
    return this.patch(id, { install_status: String(value) });
  }

  private async model(model: string): Promise<Row | undefined> {
    const rows = await this.rows(
      'cmdb_hardware_product_model',
      `name=${literal(model)}^ORdisplay_name=${literal(model)}`,
      'sys_id,name,display_name,cmdb_model_category',
    );
    return rows.find((row) => sameText(row.name?.value, model) || sameText(row.display_name?.value, model));
  }

  private async hardware(query: string): Promise<Asset[]> {
    return (await this.rows('alm_hardware', query, fields)).map(assetOf);
  }

  /** ServiceNow REST API: Table API, list. To the last page: by its links, since what an account may not see is left out of a page. */
  private async rows(table: string, query: string, wanted: string): Promise<Row[]> {
    const rows: Row[] = [];
    for (let offset = 0; ; offset += pageSize) {
      const { body, headers } = await this.http.for(this.signal).send({
        method: 'GET',
        path: `/${table}`,
        query: {
          sysparm_query: `${query}^ORDERBYsys_id`,
          sysparm_fields: wanted,
          sysparm_display_value: 'all',
          sysparm_exclude_reference_link: true,
          sysparm_limit: pageSize,
          sysparm_offset: offset,
        },
      });
      rows.push(...(body as { result: Row[] }).result);
      if (!/rel="?next"?/.test(headers.get('link') ?? '')) return rows;
    }
  }

  private async patch(id: string, body: Record<string, unknown>): Promise<void> {
    const query = { sysparm_fields: 'sys_id' };
    await this.http.for(this.signal).send({ method: 'PATCH', path: `/alm_hardware/${id}`, query, body });
  }
}

function assetOf(row: Row): Asset {
  const tag = valueIn(row, 'asset_tag');
  const holderId = valueIn(row, 'assigned_to');
  const status = neutralName(row.install_status?.display_value ?? '');
  return {
    id: valueIn(row, 'sys_id'),
    tag,
    status,
    serialNumber: valueIn(row, 'serial_number'),
    model: row.model?.display_value ?? '',
    name: valueIn(row, 'display_name'),
    notes: valueIn(row, 'comments'),
    warrantyEnds: valueIn(row, 'warranty_expiration').slice(0, 10),
    lifeEnds: valueIn(row, 'retirement_date').slice(0, 10),
    ...defined({
      holder: holderId
        ? valueIn(row, 'assigned_to.email') || row.assigned_to?.display_value || holderId
        : undefined,
      holderId: holderId || undefined,
      withheld:
        !holderId && withheld.includes(status)
          ? `${tag} is ${row.install_status?.display_value} in ServiceNow. Set another state there first, such as In stock.`
          : undefined,
    }),
  };
}

function valueIn(row: Row, field: string): string {
  return row[field]?.value ?? '';
}

function neutralName(own: string): string {
  return ownNames.find(([, each]) => sameText(each, own))?.[0] ?? own;
}

/** In an encoded query, which a caret would end; it knows no line breaks. */
function literal(text: string): string {
  if (/[\r\n]/.test(text))
    throw new PermanentFailure('ServiceNow can look for no text with a line break in it. Give it without.');
  return text.replaceAll('^', '^^');
}

function wordsOf(body: unknown): string | undefined {
  const { error } = (body ?? {}) as { error?: { message?: string; detail?: string } | string };
  if (typeof error === 'string') return error;
  const words = [error?.message, error?.detail].filter(Boolean);
  return words.length > 0 ? words.join('. ') : undefined;
}
