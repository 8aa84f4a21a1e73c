/** The audit chains in the database: one a run, appended to by every worker and gateway. */
import { defined, unlessEmpty } from '../../plan/defined.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import type { Database, Row } from '../database.ts';
import { keepLook } from '../first-looks.ts';
import { calledPlansIn, journalIn, planIn, type RunRow, runIn } from '../runs.ts';
import {
  type Appended,
  type ChainEnd,
  ChainWriter,
  chained,
  type KeptLook,
  type Unchanged,
} from './chain-writer.ts';
import { type AuditFile, auditFormat, type Caller } from './file.ts';
import {
  type AuditEntry,
  type AuditHead,
  type AuditKind,
  type AuditRecord,
  noHash,
  type Signer,
} from './record.ts';

type Query = Database['query'];

export class Audit {
  private readonly database: Database;
  private readonly signer: Signer | undefined;
  private readonly writer: ChainWriter | undefined;

  /** Without a signer it can be read only. */
  constructor(database: Database, signer?: Signer) {
    this.database = database;
    this.signer = signer;
    this.writer =
      signer &&
      new ChainWriter(database, signer, (entry, unchanged, look) => this.appendAlone(entry, unchanged, look));
  }

  async append(entry: AuditEntry): Promise<void> {
    await this.written().append(entry);
  }

  /**
   * What is about to be done, unless something has changed of that on which it was decided: looked at by the same statement. With it is kept
   * what was found before, under its key; gives what stands there.
   */
  async appendWhere(entry: AuditEntry, unchanged: Unchanged, look?: KeptLook): Promise<Json | undefined> {
    try {
      return await this.written().append(entry, unchanged, look);
    } catch (error) {
      if (!(error instanceof Changed)) throw error;
      const { notBegun, begun } = unchanged;
      if (notBegun !== undefined && (await this.isBegun(entry.runId, notBegun))) throw new BegunBefore();
      if (begun !== undefined && !(await this.isBegun(entry.runId, begun))) throw new NotBegun();
      throw error;
    }
  }

  /** Whether the beginning of this call was recorded, at any attempt. */
  async isBegun(runId: string, call: string): Promise<boolean> {
    const rows = await this.database.query(
      `select 1 from audit where run_id = $1 and kind = 'action.begun' and data ? 'call' and data->>'call' = $2 limit 1`,
      [runId, call],
    );
    return rows.length > 0;
  }

  /** Unless the run has a record of this kind. */
  appendOnce(entry: AuditEntry): Promise<void> {
    return this.database.transaction(async (query) => {
      // Most chains begin so, and nobody else sees one before it is committed.
      const made = await newHead(query, entry.runId);
      if (made) await this.write(query, entry, made);
      else await this.appendOnceIn(query, entry);
    });
  }

  /** Unless whoever does it has a record of this kind with the same of these. */
  async appendNew(entry: AuditEntry, same: readonly string[]): Promise<void> {
    const about = Object.fromEntries(same.map((name) => [name, entry.data[name] ?? null]));
    await this.database.transaction((query) =>
      this.appendUnlessIn(query, entry, async () => {
        const [known] = await query(
          'select 1 from audit where run_id = $1 and kind = $2 and actor = $3 and data @> $4::jsonb limit 1',
          [entry.runId, entry.kind, entry.actor, JSON.stringify(about)],
        );
        return known !== undefined;
      }),
    );
  }

  private appendAlone(
    entry: AuditEntry,
    unchanged: Unchanged | undefined,
    look: KeptLook | undefined,
  ): Promise<Appended> {
    return this.database.transaction(async (query) => {
      const end = await this.write(query, entry, await lockedHead(query, entry.runId), unchanged);
      return look ? { end, found: await keepLook(query, look) } : { end };
    });
  }

  private written(): ChainWriter {
    if (!this.writer) throw new Error(unsigned);
    return this.writer;
  }

  /** In the caller's transaction, together with what it is about. Gives the number of the record. */
  async appendIn(query: Query, entry: AuditEntry): Promise<number> {
    return (await this.write(query, entry, await lockedHead(query, entry.runId))).seq;
  }

  /** The same, unless `known` finds that it is not to be: looked for under the chain's lock. Undefined where it was not written. */
  async appendUnlessIn(
    query: Query,
    entry: AuditEntry,
    known: () => Promise<boolean>,
  ): Promise<number | undefined> {
    const head = await lockedHead(query, entry.runId);
    if (await known()) return undefined;
    return (await this.write(query, entry, head)).seq;
  }

  async appendOnceIn(query: Query, entry: AuditEntry): Promise<void> {
    // Looked for under the chain's lock, so that two who come at once do not both find none.
    const head = await lockedHead(query, entry.runId);
    const [known] = await query('select 1 from audit where run_id = $1 and kind = $2 limit 1', [
      entry.runId,
      entry.kind,
    ]);
    if (!known) await this.write(query, entry, head);
  }

  /** On which systems the steps behind an approval act, as it stood when people were asked about the whole of it last. */
  async systemsAsked(runId: string, step: string): Promise<JsonObject | undefined> {
    const [row] = await this.database.query(
      `select data->'systems' as systems from audit
       where run_id = $1 and kind = 'gate.opened' and step = $2 and data ? 'systems' order by seq desc limit 1`,
      [runId, step],
    );
    return row?.systems as JsonObject | undefined;
  }

  async records(runId: string, after = 0, limit = 1_000): Promise<AuditRecord[]> {
    const rows = await this.database.query(
      'select * from audit where run_id = $1 and seq > $2 order by seq limit $3',
      [runId, after, limit],
    );
    return rows.map(recordOf);
  }

  /** All records of a chain and its end, at one moment. */
  async chain(runId: string): Promise<{ records: AuditRecord[]; head?: AuditHead }> {
    return this.database.transaction(async (query) => {
      await query('set transaction isolation level repeatable read, read only');
      return this.chainIn(query, runId);
    });
  }

  /** The same for whoever holds the chain, so that nothing is appended meanwhile. */
  async chainIn(query: Query, runId: string): Promise<{ records: AuditRecord[]; head?: AuditHead }> {
    const [head] = await query('select seq, hash, mac from audit_heads where run_id = $1', [runId]);
    const rows = await query('select * from audit where run_id = $1 order by seq', [runId]);
    return { records: rows.map(recordOf), ...defined({ head: head ? headOf(head) : undefined }) };
  }

  /** All there is of a run, at one moment: what is appended meanwhile is not half of it. */
  async file(runId: string): Promise<AuditFile | undefined> {
    return this.database.transaction(async (query) => {
      await query('set transaction isolation level repeatable read, read only');
      const run = await runIn(query, runId);
      if (!run) return undefined;
      const [head] = await query('select seq, hash, mac from audit_heads where run_id = $1', [runId]);
      const rows = await query('select * from audit where run_id = $1 order by seq', [runId]);
      const records = rows.map(recordOf);
      const plan = run.planHash ? await planIn(query, run.planHash) : undefined;
      const called = plan ? await calledPlansIn(query, plan) : [];
      const commit = records.find(({ kind }) => kind === 'run.started')?.data.commit;
      return {
        format: auditFormat,
        run,
        ...defined({
          commit: typeof commit === 'string' ? commit : undefined,
          plan,
          called: unlessEmpty(called),
          callers: callerOf(run) && (await callersIn(query, run)),
        }),
        journal: await journalIn(query, runId),
        records,
        ...defined({ head: head ? headOf(head) : undefined }),
      };
    });
  }

  /** Gives where the chain ends now. */
  private async write(
    query: Query,
    entry: AuditEntry,
    head: ChainEnd,
    unchanged?: Unchanged,
  ): Promise<ChainEnd> {
    if (!this.signer) throw new Error(unsigned);
    const { record, hash, mac, headMac } = chained(entry, head, this.signer);
    const { runId, seq, at, kind, step, actor, data, previous } = record;
    const { condition, values } = conditionOf(unchanged, runId);
    const written = await query(
      `with head as (update audit_heads set seq = $2, hash = $9, mac = $11 where run_id = $1)
       insert into audit (run_id, seq, at, kind, step, actor, data, previous, hash, mac)
       select $1, $2, $3::timestamptz, $4, $5, $6, $7::jsonb, $8, $9, $10 ${condition} returning seq`,
      [
        runId,
        seq,
        at,
        kind,
        step ?? null,
        actor,
        JSON.stringify(data),
        previous,
        hash,
        mac,
        headMac,
        ...values,
      ],
    );
    // Thrown, so that the head stays where it is.
    if (written.length === 0) throw new Changed();
    return { seq, hash };
  }
}

const unsigned = 'This store was opened without keys, so it cannot sign audit records.';

/** By the workflow's id of a run that another one called: `RUN/STEP`. */
function callerOf({ workflowId }: RunRow): { run: string; step: string } | undefined {
  const [, run, step] = /^([0-9a-f-]{36})\/([^/]+)$/.exec(workflowId) ?? [];
  return run === undefined || step === undefined ? undefined : { run, step };
}

async function callersIn(query: Query, called: RunRow): Promise<Caller[]> {
  const found: Caller[] = [];
  for (let next = callerOf(called); next && found.every(({ run }) => run.id !== next?.run); ) {
    const run = await runIn(query, next.run);
    if (!run) break;
    const plan = run.planHash ? await planIn(query, run.planHash) : undefined;
    const plans = plan ? await calledPlansIn(query, plan) : [];
    const records = await signedRecords(query, run.id);
    const { id, runbook, planHash } = run;
    found.push({
      run: { id, runbook, ...defined({ planHash }) },
      step: next.step,
      records,
      ...defined({ plan, called: unlessEmpty(plans) }),
    });
    next = callerOf(run);
  }
  return found;
}

/** How a run began, its warrants, and the votes that these count. */
async function signedRecords(query: Query, run: string): Promise<AuditRecord[]> {
  const own = await query(
    `select * from audit where run_id = $1 and kind in ('run.started', 'warrant.issued') order by seq`,
    [run],
  );
  const votes = own.map(recordOf).flatMap(({ data }) => (Array.isArray(data.votes) ? data.votes : []));
  const numbers = votes.map((vote) => Number((vote as JsonObject).record)).filter(Number.isSafeInteger);
  const counted = await query('select * from audit where run_id = $1 and seq = any($2) order by seq', [
    run,
    [...new Set(numbers)],
  ]);
  return [...own, ...counted].map(recordOf);
}

/** This very call has been begun before. */
export class BegunBefore extends Error {
  override readonly name = 'BegunBefore';
  constructor() {
    super('this call has been begun before');
  }
}

/** This very call has not been begun before. */
export class NotBegun extends Error {
  override readonly name = 'NotBegun';
  constructor() {
    super('this call has not been begun before');
  }
}

/** Something has changed of that on which it was decided to write a record. */
export class Changed extends Error {
  override readonly name = 'Changed';
  constructor() {
    super('what this was decided on has changed');
  }
}

function conditionOf(
  unchanged: Unchanged | undefined,
  runId: string,
): { condition: string; values: unknown[] } {
  const values: unknown[] = [];
  const next = (value: unknown) => `$${11 + values.push(value)}`;
  const begun = (call: string) =>
    `exists (select 1 from audit where run_id = ${next(runId)} and kind = 'action.begun' and data ? 'call' and data->>'call' = ${next(call)})`;
  const all: string[] = [];
  if (unchanged?.papers) {
    const { runs, count } = unchanged.papers;
    all.push(`(select count(*) from gate_paper where run_id = any(${next(runs)})) = ${next(count)}`);
  }
  if (unchanged?.notBegun !== undefined) all.push(`not ${begun(unchanged.notBegun)}`);
  if (unchanged?.begun !== undefined) all.push(begun(unchanged.begun));
  return { condition: all.length > 0 ? `where ${all.join(' and ')}` : '', values };
}

/** The end of the chain, locked until the transaction ends: whoever comes second waits, and goes on from there. */
async function lockedHead(query: Query, runId: string): Promise<Pick<AuditHead, 'seq' | 'hash'>> {
  const look = () => query('select seq, hash, mac from audit_heads where run_id = $1 for update', [runId]);
  const [known] = await look();
  if (known) return headOf(known);
  const made = await newHead(query, runId);
  if (made) return made;
  const [head] = await look();
  if (!head) throw new Error('the head of an audit chain was neither inserted nor found');
  return headOf(head);
}

/** Undefined where the chain has one; it may be another's that was made in the same moment. */
async function newHead(query: Query, runId: string): Promise<ChainEnd | undefined> {
  const [made] = await query(
    `insert into audit_heads (run_id, seq, hash, mac) values ($1, 0, $2, '') on conflict (run_id) do nothing returning seq`,
    [runId, noHash],
  );
  return made && { seq: 0, hash: noHash };
}

function headOf(row: Row): AuditHead {
  return { seq: Number(row.seq), hash: String(row.hash), mac: String(row.mac) };
}

export function recordOf(row: Row): AuditRecord {
  return {
    runId: String(row.run_id),
    seq: Number(row.seq),
    at: (row.at as Date).toISOString(),
    kind: row.kind as AuditKind,
    ...defined({ step: row.step === null ? undefined : String(row.step) }),
    actor: String(row.actor),
    data: row.data as JsonObject,
    previous: String(row.previous),
    hash: String(row.hash),
    mac: String(row.mac),
  };
}
