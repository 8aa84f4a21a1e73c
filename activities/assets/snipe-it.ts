/** Snipe-IT's REST API. Most of its refusals come with the status 200 and `status: error` in the body. */
import { defined } from '../../plan/defined.ts';
import { notItsOwn } from '../kit/answers.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { HttpClient, type HttpRequest, secureBaseUrl } from '../kit/http.ts';
import { type Trust, trustOf } from '../kit/trust.ts';
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

/** Rows of a page. Snipe-IT gives at most 500, whatever one asks for. */
const pageSize = 100;

interface Page<Row> {
  total: number;
  rows: Row[];
}

interface Envelope {
  status?: unknown;
  messages?: unknown;
  payload?: unknown;
  error?: unknown;
  message?: unknown;
}

interface Named {
  id: number;
  name: string;
}

interface Row {
  id: number;
  asset_tag: string | null;
  serial: string | null;
  name?: string | null;
  notes?: string | null;
  model: Named | null;
  status_label: (Named & { status_meta?: string }) | null;
  assigned_to: { id: number; type?: string; name?: string; username?: string; email?: string | null } | null;
  warranty_expires?: { date?: string } | null;
  asset_eol_date?: { date?: string } | null;
}

export interface SnipeItSettings {
  baseUrl: string;
  apiToken: string;
  ca?: Parameters<typeof trustOf>[1];
}

export class SnipeIt extends AssetSystem {
  readonly title = 'Snipe-IT';
  private readonly http: HttpClient;

  constructor({ baseUrl, apiToken, ca }: SnipeItSettings) {
    super();
    const trust: Trust = trustOf('assets', ca);
    this.http = new HttpClient({
      service: this.title,
      setting: 'connectors.assets.baseUrl',
      trust,
      baseUrl: `${secureBaseUrl('connectors.assets.baseUrl', baseUrl)}/api/v1`,
      headers: () => ({ authorization: `Bearer ${apiToken}` }),
      wordsOf: snipeItWords,
    });
  }

  /** That Snipe-IT answers to this token with a list. */
  async check(): Promise<void> {
    const page = await this.asked<Page<unknown>>({ method: 'GET', path: '/hardware', query: { limit: 1 } });
    if (!Array.isArray(page.rows)) throw notItsOwn('Snipe-IT', 200, page, 'connectors.assets.baseUrl');
  }

  /** Snipe-IT API: Get asset by tag, Get asset by serial. */
  protected async named({ serialNumber, tag }: AssetName): Promise<Asset[]> {
    if (tag !== undefined) {
      const found = await this.look<Row>(`/hardware/bytag/${encodeURIComponent(tag)}`);
      return found ? [assetOf(found)] : [];
    }
    const page = await this.look<Page<Row>>(`/hardware/byserial/${encodeURIComponent(serialNumber ?? '')}`);
    return page?.rows.map(assetOf) ?? [];
  }

  /** Snipe-IT API: List users, by e-mail address. */
  async findPerson(email: string): Promise<Person | undefined> {
    const people = await this.list<{ id: number; email: string | null }>('/users', { email });
    const found = people.find((person) => sameText(person.email, email));
    return found && { id: `user ${found.id}`, email };
  }

  async heldBy(person: Person): Promise<Asset[]> {
    const rows = await this.list<Row>(`/users/${numberOf(person)}/assets`, {});
    return rows.map(assetOf);
  }

  async ending({ by, what }: Ending): Promise<Asset[]> {
    const assets = (await this.list<Row>('/hardware', { sort: 'id', order: 'asc' })).map(assetOf);
    return assets.filter(({ warrantyEnds, lifeEnds }) => {
      const day = what === 'warranty' ? warrantyEnds : lifeEnds;
      return day !== '' && day <= by;
    });
  }

  async checkOut(asset: Asset, person: Person, { note, expectedBack }: CheckOut): Promise<void> {
    await this.write('POST', `/hardware/${asset.id}/checkout`, {
      checkout_to_type: 'user',
      assigned_user: numberOf(person),
      ...defined({ note: note || undefined, expected_checkin: expectedBack || undefined }),
    });
  }

  async checkIn({ id }: Asset, note: string | undefined): Promise<void> {
    await this.write('POST', `/hardware/${id}/checkin`, note ? { note } : {});
  }

  async modelProblem(model: string): Promise<string | undefined> {
    const models = await this.models(model);
    if (modelOf(models, model)) return undefined;
    const names = models.slice(0, 5).map(({ name }) => name);
    const hint = names.length > 0 ? ` There is: ${names.join(', ')}.` : '';
    return `Snipe-IT has no model "${model}".${hint} Add it there, or correct \`model\`.`;
  }

  async add({ serialNumber, model, tag, purchaseOrder }: NewAsset): Promise<Pick<Asset, 'id' | 'tag'>> {
    const made = await this.write<{ id: number; asset_tag: string }>('POST', '/hardware', {
      serial: serialNumber,
      model_id: modelOf(await this.models(model), model)?.id,
      status_id: await this.readyStatus(),
      ...defined({ asset_tag: tag || undefined, order_number: purchaseOrder || undefined }),
    });
    return { id: String(made.id), tag: made.asset_tag };
  }

  async setDetails({ id }: Asset, details: Details): Promise<void> {
    await this.write('PATCH', `/hardware/${id}`, { ...details });
  }

  async statusNamed(name: string): Promise<Changed> {
    const labels = await this.list<Named>('/statuslabels', {});
    const found = labels.find((label) => sameText(label.name, name));
    if (found) return { status: found.name, value: found.id };
    const known = labels.map((label) => label.name).join(', ');
    return { problem: `Snipe-IT has no status ${name}. There is: ${known}.` };
  }

  async setStatus({ id }: Asset, { value }: Changed): Promise<void> {
    await this.write('PATCH', `/hardware/${id}`, { status_id: value });
  }

  private models(model: string): Promise<Named[]> {
    return this.list<Named>('/models', { search: model });
  }

  /** The status with which Snipe-IT lets an asset be checked out: its own "Ready to Deploy", unless somebody renamed it. */
  private async readyStatus(): Promise<number> {
    const labels = await this.list<Named & { type?: string }>('/statuslabels', {});
    const ready = labels.filter(({ type }) => type === 'deployable');
    const chosen = ready.find(({ name }) => sameText(name, 'Ready to Deploy')) ?? ready[0];
    if (chosen) return chosen.id;
    throw new PermanentFailure(
      'Snipe-IT has no status label of the type deployable. Add one under Settings, Status Labels.',
    );
  }

  /** Undefined when Snipe-IT says that there is none. */
  private async look<Answer>(path: string): Promise<Answer | undefined> {
    const answer = await this.http.for(this.signal).send({ method: 'GET', path, expect: [404] });
    const { status } = answer;
    const body = unescaped(answer.body);
    if (status === 404 || isRefusal(body)) {
      if (status === 404 || /not (exist|found)/i.test(snipeItWords(body) ?? '')) return undefined;
      throw refusal(body);
    }
    return body as Answer;
  }

  /** Every row of every page. */
  private async list<Each>(path: string, query: Record<string, string>): Promise<Each[]> {
    const rows: Each[] = [];
    for (;;) {
      const page = await this.asked<Page<Each>>({
        method: 'GET',
        path,
        query: { ...query, limit: pageSize, offset: rows.length },
      });
      if (!Array.isArray(page.rows)) throw notItsOwn('Snipe-IT', 200, page, 'connectors.assets.baseUrl');
      rows.push(...page.rows);
      if (page.rows.length === 0 || rows.length >= page.total) return rows;
    }
  }

  /** A change. Gives the payload of what Snipe-IT says it did. */
  private async write<Payload>(
    method: 'POST' | 'PATCH',
    path: string,
    body: Record<string, unknown>,
  ): Promise<Payload> {
    return (await this.asked<Envelope>({ method, path, body })).payload as Payload;
  }

  private async asked<Answer>(request: HttpRequest): Promise<Answer> {
    const body = unescaped((await this.http.for(this.signal).send(request)).body);
    if (isRefusal(body)) throw refusal(body);
    return body as Answer;
  }
}

function assetOf(row: Row): Asset {
  const { assigned_to: holder, status_label: status } = row;
  const tag = row.asset_tag ?? '';
  const isOnShelf = !holder && status?.status_meta !== undefined;
  return {
    id: String(row.id),
    tag,
    serialNumber: row.serial ?? '',
    model: row.model?.name ?? '',
    name: row.name ?? '',
    status: status?.name ?? '',
    notes: row.notes ?? '',
    warrantyEnds: row.warranty_expires?.date ?? '',
    lifeEnds: row.asset_eol_date?.date ?? '',
    ...defined({
      holder: holder ? holder.email || holder.username || holder.name || String(holder.id) : undefined,
      holderId: holder ? `${holder.type ?? 'user'} ${holder.id}` : undefined,
      // It checks out only what has a status for it: nothing that is archived, pending or out of use.
      withheld:
        isOnShelf && !['deployable', 'deployed'].includes(status.status_meta ?? '')
          ? `${tag} is ${status.status_meta} (${status.name}), and Snipe-IT would not check it out. Give it a deployable status there first.`
          : undefined,
    }),
  };
}

function numberOf({ id }: Person): number {
  return Number(id.split(' ')[1]);
}

function modelOf(models: readonly Named[], model: string): Named | undefined {
  return models.find(({ name }) => sameText(name, model));
}

/** Snipe-IT escapes what its users wrote for the web pages that show it, in its API too. */
function unescaped(value: unknown): unknown {
  if (typeof value === 'string')
    return value.replace(/&(amp|lt|gt|quot|#0?39);/g, (name) => characters[name] ?? name);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(unescaped);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unescaped(item)]));
}

const characters: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&#039;': "'",
};

function isRefusal(body: unknown): boolean {
  return (body as Envelope | undefined)?.status === 'error';
}

function refusal(body: unknown): PermanentFailure {
  return new PermanentFailure(`Snipe-IT refused it: ${snipeItWords(body) ?? 'it gave no reason.'}`);
}

/** `messages` is a text, or a list of texts for each field. */
function snipeItWords(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { messages, error, message } = body as Envelope;
  if (typeof messages === 'string') return messages;
  if (typeof messages === 'object' && messages !== null) return Object.values(messages).flat().join(' ');
  return [error, message].find((words) => typeof words === 'string');
}
