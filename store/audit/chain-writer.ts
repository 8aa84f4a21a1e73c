/**
 * Appends to many chains by one statement. What is to be put on record while the statement before is under way goes into the next one,
 * so that a busy worker commits once for many runs, and an idle one waits for nothing.
 *
 * A record goes on from the end of its chain that this process wrote last. Where another one has written meanwhile, or where what the
 * record was decided on has changed, the statement leaves it out, and it is appended by itself, under the chain's lock.
 */
import { defined } from '../../plan/defined.ts';
import type { Json } from '../../plan/plan.ts';
import { type Database, jsonb, type Row, StoreUnavailable } from '../database.ts';
import {
  type AuditEntry,
  type AuditHead,
  type AuditRecord,
  hashOfRecord,
  headText,
  macPurposes,
  type Signer,
} from './record.ts';

/** What must still be so when a record is written. */
export interface Unchanged {
  /** How many papers of approvals these runs have. */
  papers?: { runs: readonly string[]; count: number };
  /** This call has not been begun before. */
  notBegun?: string;
  /** This call has been begun before. */
  begun?: string;
}

/** What a step found, kept with the record of its beginning: under this key, unless something was before. */
export interface KeptLook {
  key: string;
  found: Json;
}

export type ChainEnd = Pick<AuditHead, 'seq' | 'hash'>;

/** What came of a record: where its chain ends, and what stands under the key of the look that was given with it. */
export interface Appended {
  end: ChainEnd;
  found?: Json | undefined;
}

/** A record at its place in its chain, and the seals of both. */
export interface Chained {
  record: Omit<AuditRecord, 'hash' | 'mac'>;
  hash: string;
  mac: string;
  headMac: string;
}

/** `entry` as the database gives it back, since the hash must hold for that. */
export function chained(entry: AuditEntry, head: ChainEnd, signer: Signer): Chained {
  const { runId, kind, step, actor, data } = JSON.parse(jsonb(entry)) as AuditEntry;
  const seq = head.seq + 1;
  const at = new Date().toISOString();
  const record = {
    runId,
    seq,
    at,
    kind,
    ...defined({ step: step || undefined }),
    actor,
    data,
    previous: head.hash,
  };
  const hash = hashOfRecord(record);
  return {
    record,
    hash,
    mac: signer.mac(macPurposes.record, hash),
    headMac: signer.mac(macPurposes.head, headText(runId, { seq, hash })),
  };
}

interface Waiting {
  entry: AuditEntry;
  unchanged: Unchanged | undefined;
  look: KeptLook | undefined;
  resolve: (found: Json | undefined) => void;
  reject: (error: unknown) => void;
}

/** Appends one record under its chain's lock. */
type Alone = (
  entry: AuditEntry,
  unchanged: Unchanged | undefined,
  look: KeptLook | undefined,
) => Promise<Appended>;

/** Records of one statement; none of the chains has more than one in it. */
const mostAtOnce = 100;
const mostStatements = 2;
const mostEnds = 20_000;

export class ChainWriter {
  private readonly database: Pick<Database, 'query'>;
  private readonly signer: Signer;
  private readonly alone: Alone;
  private readonly waiting: Waiting[] = [];
  /** Chains of which a record is being written. */
  private readonly busy = new Set<string>();
  /** Where chains ended when this process wrote last. */
  private readonly ends = new Map<string, ChainEnd>();
  private statements = 0;
  private soon: NodeJS.Immediate | undefined;

  constructor(database: Pick<Database, 'query'>, signer: Signer, alone: Alone) {
    this.database = database;
    this.signer = signer;
    this.alone = alone;
  }

  /** Gives what stands under the look's key from now on. */
  append(entry: AuditEntry, unchanged?: Unchanged, look?: KeptLook): Promise<Json | undefined> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ entry, unchanged, look, resolve, reject });
      this.goSoon();
    });
  }

  /** What comes in the same moment goes together. */
  private goSoon(): void {
    this.soon ??= setImmediate(() => {
      this.soon = undefined;
      this.go();
    });
  }

  private go(): void {
    while (this.statements < mostStatements) {
      const taken = this.take();
      if (taken.length === 0) return;
      this.statements += 1;
      void this.writeTogether(taken).then((left) => {
        this.statements -= 1;
        for (const item of left) void this.writeAlone(item);
        this.go();
      });
    }
  }

  /** The longest waiting, one a chain. */
  private take(): Waiting[] {
    const taken: Waiting[] = [];
    for (let at = 0; at < this.waiting.length && taken.length < mostAtOnce; ) {
      const next = this.waiting[at] as Waiting;
      if (this.busy.has(next.entry.runId)) at += 1;
      else {
        this.busy.add(next.entry.runId);
        taken.push(next);
        this.waiting.splice(at, 1);
      }
    }
    return taken;
  }

  /** Gives those that are in no chain yet. */
  private async writeTogether(items: readonly Waiting[]): Promise<readonly Waiting[]> {
    try {
      await this.lookUpEnds(items);
      const ended = items.filter(({ entry }) => this.ends.has(entry.runId));
      if (ended.length === 0) return items;
      const links = ended.map(({ entry }) =>
        chained(entry, this.ends.get(entry.runId) as ChainEnd, this.signer),
      );
      const rows = links.map((link, index) => rowOf(link, ended[index]?.unchanged, ended[index]?.look));
      const answer = await this.database.query(appendTogether, [JSON.stringify(rows)], 'append-records');
      const done = new Map(answer.map((row: Row) => [String(row.run_id), row.found as Json | undefined]));
      for (const [index, item] of ended.entries()) {
        const { record, hash } = links[index] as Chained;
        if (!done.has(record.runId)) continue;
        this.settle(item, { end: { seq: record.seq, hash }, found: done.get(record.runId) });
      }
      return items.filter(({ entry }) => !done.has(entry.runId));
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) return items;
      // Whether it was carried out is not known: written again, a record might stand there twice.
      for (const item of items) this.fail(item, error);
      return [];
    }
  }

  private async lookUpEnds(items: readonly Waiting[]): Promise<void> {
    const unknown = items.map(({ entry }) => entry.runId).filter((runId) => !this.ends.has(runId));
    if (unknown.length === 0) return;
    const heads = await this.database.query(
      'select run_id, seq, hash from audit_heads where run_id = any($1)',
      [unknown],
    );
    for (const head of heads)
      this.keep(String(head.run_id), { seq: Number(head.seq), hash: String(head.hash) });
  }

  private async writeAlone(item: Waiting): Promise<void> {
    try {
      this.settle(item, await this.alone(item.entry, item.unchanged, item.look));
    } catch (error) {
      this.fail(item, error);
    }
    this.go();
  }

  private settle({ entry, resolve }: Waiting, { end, found }: Appended): void {
    this.busy.delete(entry.runId);
    this.keep(entry.runId, end);
    resolve(found);
  }

  private fail({ entry, reject }: Waiting, error: unknown): void {
    this.busy.delete(entry.runId);
    this.ends.delete(entry.runId);
    reject(error);
  }

  private keep(runId: string, end: ChainEnd): void {
    this.ends.delete(runId);
    this.ends.set(runId, end);
    const [oldest] = this.ends.keys();
    if (this.ends.size > mostEnds && oldest !== undefined) this.ends.delete(oldest);
  }
}

function rowOf(
  { record, hash, mac, headMac }: Chained,
  unchanged: Unchanged = {},
  look: KeptLook | undefined = undefined,
) {
  const { runId, ...rest } = record;
  return {
    run_id: runId,
    ...rest,
    hash,
    mac,
    head_mac: headMac,
    papers_of: unchanged.papers?.runs ?? null,
    papers: unchanged.papers?.count ?? null,
    not_begun: unchanged.notBegun ?? null,
    begun: unchanged.begun ?? null,
    look: look?.key ?? null,
    found: look ? JSON.parse(jsonb(look.found)) : null,
  };
}

const begun = (call: string) =>
  `exists (select 1 from audit a where a.run_id = g.run_id and a.kind = 'action.begun' and a.data ? 'call' and a.data->>'call' = ${call})`;

/** It waits for nobody: a chain that somebody else has locked is left out, and holds up no other. */
const appendTogether = `
  with g as materialized (
    select * from jsonb_to_recordset($1::jsonb) as g(run_id text, seq integer, at timestamptz, kind text, step text, actor text,
      data jsonb, previous text, hash text, mac text, head_mac text, papers_of text[], papers integer, not_begun text, begun text, look text, found jsonb)),
  locked as materialized (
    select h.run_id from audit_heads h where h.run_id in (select run_id from g) for update skip locked),
  moved as (
    update audit_heads h set seq = g.seq, hash = g.hash, mac = g.head_mac
    from g join locked using (run_id)
    where h.run_id = g.run_id and h.seq = g.seq - 1 and h.hash = g.previous
      and (g.papers is null or (select count(*) from gate_paper p where p.run_id = any(g.papers_of)) = g.papers)
      and (g.not_begun is null or not ${begun('g.not_begun')})
      and (g.begun is null or ${begun('g.begun')})
    returning h.run_id),
  looks as (
    insert into first_look (key, found) select g.look, coalesce(g.found, 'null') from g join moved using (run_id) where g.look is not null
    on conflict (key) do update set key = excluded.key returning key, found),
  written as (
    insert into audit (run_id, seq, at, kind, step, actor, data, previous, hash, mac)
    select g.run_id, g.seq, g.at, g.kind, g.step, g.actor, g.data, g.previous, g.hash, g.mac from g join moved using (run_id)
    returning run_id)
  select w.run_id, l.found from written w join g using (run_id) left join looks l on l.key = g.look`;
