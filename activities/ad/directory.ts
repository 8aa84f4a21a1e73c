/** A connection to the directory that has signed in: reading whole answers, and writing. */
import {
  Attribute,
  Change,
  type Client,
  Control,
  type Filter,
  MessageResponseStatus,
  PagedResultsControl,
  SearchRequest,
  type SearchResponse,
  StatusCodeParser,
} from 'ldapts';
import { PermanentFailure, RetryableFailure } from '../kit/failures.ts';
import { Entry } from './entry.ts';
import { codeOf, codes, failureOf } from './errors.ts';
import { isPresent } from './filters.ts';
import { childOf, firstPart, plainName } from './names.ts';

export interface Search {
  base: string;
  filter?: Filter;
  attributes: readonly string[];
  /** The entry itself, what is directly in it, or everything below it too, which is what is searched unless said. */
  scope?: 'base' | 'one' | 'sub';
  /** Finds entries that were deleted, too. */
  deleted?: true;
}

export type Values = string | Buffer | readonly string[];

/** What one modify does to one attribute. An empty list takes the attribute away. */
export interface Edit {
  operation: 'add' | 'delete' | 'replace';
  attribute: string;
  values: Values;
}

/** Below what Windows gives in one answer (MaxPageSize: 1,000). */
const pageSize = 500;
/** Far above what any list has; a server that never ends is noticed. */
const mostPages = 10_000;

const showDeleted = '1.2.840.113556.1.4.417';
const deleteTree = '1.2.840.113556.1.4.805';

/** What ldapts keeps to itself, and paging needs: see `Directory.page`. */
interface Wire {
  _nextMessageId(): number;
  _send(request: SearchRequest): Promise<SearchResponse | undefined>;
}

export class Directory {
  private readonly client: Client;
  /** The distinguished name of the domain: `DC=corp,DC=example,DC=com`. */
  readonly domain: string;
  /** Where people, groups and computers are looked for. */
  readonly base: string;

  constructor(client: Client, domain: string, base: string | undefined) {
    this.client = client;
    this.domain = domain;
    this.base = base ?? domain;
  }

  /** Every entry, however many answers the server makes of them. */
  async search(search: Search): Promise<Entry[]> {
    const found: Entry[] = [];
    let cookie: Buffer | undefined;
    for (let page = 0; page < mostPages; page++) {
      const answer = await this.page(search, cookie);
      if (answer === undefined) return [];
      found.push(...answer.searchEntries.map((entry) => new Entry(entry)));
      cookie = cookieOf(answer);
      if (cookie === undefined) return found;
    }
    throw new PermanentFailure(
      `Active Directory gave more than ${mostPages} pages below ${search.base}, and no end.`,
    );
  }

  /** One entry by its distinguished name or `<GUID=…>`. Undefined when there is none. */
  async read(dn: string, attributes: readonly string[], deleted?: true): Promise<Entry | undefined> {
    const [entry] = await this.search({
      base: dn,
      attributes,
      scope: 'base',
      ...(deleted ? { deleted } : {}),
    });
    return entry;
  }

  /** All values of a list, which Windows gives in parts of 1,500. */
  async valuesOf(dn: string, attribute: string): Promise<string[]> {
    const all: string[] = [];
    for (let from = 0; ; ) {
      const entry = await this.read(dn, [`${attribute};range=${from}-*`]);
      // A server without ranges gives the list under its plain name.
      const part = entry?.range(attribute) ?? { values: entry?.texts(attribute) ?? [], upTo: undefined };
      all.push(...part.values);
      if (part.upTo === undefined || part.values.length === 0) return all;
      from = part.upTo + 1;
    }
  }

  /** All values of a list of an entry that was read with it. */
  async listOf(entry: Entry, attribute: string): Promise<string[]> {
    const part = entry.range(attribute);
    if (part === undefined) return entry.texts(attribute);
    return part.upTo === undefined ? part.values : this.valuesOf(entry.dn, attribute);
  }

  async add(dn: string, attributes: Record<string, Values>): Promise<void> {
    const list = Object.entries(attributes).map(([type, values]) => attributeOf(type, values));
    await this.write(() => this.client.add(dn, list), `cannot create ${dn}`);
  }

  /** All of it or nothing. */
  async modify(dn: string, edits: readonly Edit[]): Promise<void> {
    const changes = edits.map(
      ({ operation, attribute, values }) =>
        new Change({ operation, modification: attributeOf(attribute, values) }),
    );
    await this.write(() => this.client.modify(dn, changes), `cannot change ${dn}`);
  }

  /**
   * Writes the values of an attribute only if they still are what was read: what somebody else wrote meanwhile is not lost. Rejects
   * then, to be tried again.
   */
  async exchange(
    dn: string,
    attribute: string,
    from: readonly string[],
    to: readonly string[],
  ): Promise<void> {
    const edits = [
      ...(from.length > 0 ? [{ operation: 'delete', attribute, values: from } as const] : []),
      ...(to.length > 0 ? [{ operation: 'add', attribute, values: to } as const] : []),
    ];
    try {
      await this.modify(dn, edits);
    } catch (error) {
      const { status } = (error as Partial<PermanentFailure>).details ?? {};
      // Gone meanwhile; or there meanwhile, where nothing was.
      if (status !== codes.noSuchAttribute && !(from.length === 0 && status === codes.valueExists))
        throw error;
      throw new RetryableFailure(
        `Somebody changed ${attribute} of ${dn} meanwhile. The next try looks again.`,
      );
    }
  }

  /** Gives back the new distinguished name. */
  async move(dn: string, parent: string, name = plainName(dn)): Promise<string> {
    const attribute = firstPart(dn).split('=')[0] ?? 'CN';
    const to = childOf(parent, name, attribute);
    // Written anew in full: ldapts takes a distinguished name apart at the first comma that no backslash stands before.
    await this.write(() => this.client.modifyDN(dn, to), `cannot move ${dn} to ${to}`);
    return to;
  }

  /** With what is in it, such as the devices of a person. Nothing happens where it is gone already. */
  async delete(dn: string): Promise<void> {
    const doing = `cannot delete ${dn}`;
    const left = await this.write(() => this.client.del(dn), doing, [codes.noSuchObject, codes.notEmpty]);
    // By the right to delete a subtree, which only what has something in it needs.
    const tree = new Control(deleteTree, { critical: true });
    if (left === codes.notEmpty)
      await this.write(() => this.client.del(dn, [tree]), doing, [codes.noSuchObject]);
  }

  /** A modify that also reaches what was deleted. */
  async restore(dn: string, to: string): Promise<void> {
    const changes = [
      new Change({ operation: 'delete', modification: attributeOf('isDeleted', []) }),
      new Change({ operation: 'replace', modification: attributeOf('distinguishedName', to) }),
    ];
    const control = new Control(showDeleted, { critical: true });
    await this.write(() => this.client.modify(dn, changes, [control]), `cannot restore ${dn} to ${to}`);
  }

  /**
   * One page, undefined where the base is not there. ldapts ends its own paging at the first page without entries, also where the
   * server says that there is more (findings/ldapts-empty-pages.sh); and it would connect again without signing in.
   */
  private async page(
    { base, filter, attributes, scope, deleted }: Search,
    cookie: Buffer | undefined,
  ): Promise<SearchResponse | undefined> {
    const wire = this.client as unknown as Wire;
    const page = new PagedResultsControl({
      critical: true,
      value: { size: pageSize, ...(cookie ? { cookie } : {}) },
    });
    const request = new SearchRequest({
      messageId: wire._nextMessageId(),
      baseDN: base,
      scope: scope ?? 'sub',
      filter: filter ?? isPresent('objectClass'),
      attributes: [...attributes],
      timeLimit: 60,
      controls: [page, ...(deleted ? [new Control(showDeleted, { critical: true })] : [])],
    });
    try {
      const answer = await wire._send(request);
      if (answer?.status === codes.noSuchObject) return undefined;
      if (answer?.status !== MessageResponseStatus.Success) throw StatusCodeParser.parse(answer);
      return answer;
    } catch (error) {
      throw failureOf(error, `cannot search ${base || 'its root'}`);
    }
  }

  /** Gives the code of a refusal that is fine to the caller. */
  private async write(
    send: () => Promise<void>,
    doing: string,
    fine: readonly number[] = [],
  ): Promise<number | undefined> {
    if (!this.client.isBound)
      throw new RetryableFailure(`Active Directory ${doing}: the connection was lost before.`);
    try {
      await send();
      return undefined;
    } catch (error) {
      const code = codeOf(error);
      if (code !== undefined && fine.includes(code)) return code;
      throw failureOf(error, doing);
    }
  }
}

function attributeOf(type: string, values: Values): Attribute {
  if (Buffer.isBuffer(values)) return new Attribute({ type, values: [values] });
  return new Attribute({ type, values: typeof values === 'string' ? [values] : [...values] });
}

function cookieOf(answer: SearchResponse): Buffer | undefined {
  const control = answer.controls?.find((each) => each instanceof PagedResultsControl);
  const cookie = control?.value?.cookie;
  return cookie?.length ? cookie : undefined;
}
