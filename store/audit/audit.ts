/** The audit chains in the database: one a run, appended to by every worker and gateway. */
import { defined } from '../../plan/defined.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { type Database, jsonb, type Row } from '../database.ts';
import { journalIn, planIn, runIn } from '../runs.ts';
import { type AuditFile, auditFormat } from './file.ts';
import {
  type AuditEntry,
  type AuditHead,
  type AuditKind,
  type AuditRecord,
  hashOfRecord,
  headText,
  macPurposes,
  noHash,
  type Signer,
} from './record.ts';

type Query = Database['query'];

export class Audit {
  private readonly database: Database;
  private readonly signer: Signer | undefined;

  /** Without a signer it can be read only. */
  constructor(database: Database, signer?: Signer) {
    this.database = database;
    this.signer = signer;
  }

  append(entry: AuditEntry): Promise<void> {
    return this.database.transaction((query) => this.appendIn(query, entry));
  }

  /** Unless the run has a record of this kind. */
  appendOnce(entry: AuditEntry): Promise<void> {
    return this.database.transaction((query) => this.appendOnceIn(query, entry));
  }

  /** In the caller's transaction, together with what it is about. */
  async appendIn(query: Query, entry: AuditEntry): Promise<void> {
    await this.write(query, entry, await lockedHead(query, entry.runId));
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

  async records(runId: string, after = 0, limit = 1_000): Promise<AuditRecord[]> {
    const rows = await this.database.query(
      'select * from audit where run_id = $1 and seq > $2 order by seq limit $3',
      [runId, after, limit],
    );
    return rows.map(recordOf);
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
      const commit = records.find(({ kind }) => kind === 'run.started')?.data.commit;
      return {
        format: auditFormat,
        run,
        ...defined({ commit: typeof commit === 'string' ? commit : undefined, plan }),
        journal: await journalIn(query, runId),
        records,
        ...defined({ head: head ? headOf(head) : undefined }),
      };
    });
  }

  private async write(query: Query, entry: AuditEntry, head: Pick<AuditHead, 'seq' | 'hash'>): Promise<void> {
    if (!this.signer) throw new Error('This store was opened without keys, so it cannot sign audit records.');
    // As the database gives it back, since the hash must hold for that.
    const { runId, kind, step, actor, data } = JSON.parse(jsonb(entry)) as AuditEntry;
    const seq = head.seq + 1;
    const record = {
      runId,
      seq,
      at: new Date().toISOString(),
      kind,
      ...defined({ step: step || undefined }),
      actor,
      data,
      previous: head.hash,
    };
    const hash = hashOfRecord(record);
    await query(
      `with head as (update audit_heads set seq = $2, hash = $9, mac = $11 where run_id = $1)
       insert into audit (run_id, seq, at, kind, step, actor, data, previous, hash, mac)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        runId,
        seq,
        record.at,
        kind,
        step ?? null,
        actor,
        JSON.stringify(data),
        record.previous,
        hash,
        this.signer.mac(macPurposes.record, hash),
        this.signer.mac(macPurposes.head, headText(runId, { seq, hash })),
      ],
    );
  }
}

/** The end of the chain, locked until the transaction ends: whoever comes second waits, and goes on from there. */
async function lockedHead(query: Query, runId: string): Promise<Pick<AuditHead, 'seq' | 'hash'>> {
  const look = () => query('select seq, hash, mac from audit_heads where run_id = $1 for update', [runId]);
  const [known] = await look();
  if (known) return headOf(known);
  await query(
    `insert into audit_heads (run_id, seq, hash, mac) values ($1, 0, $2, '') on conflict (run_id) do nothing`,
    [runId, noHash],
  );
  const [head] = await look();
  if (!head) throw new Error('the head of an audit chain was neither inserted nor found');
  return headOf(head);
}

function headOf(row: Row): AuditHead {
  return { seq: Number(row.seq), hash: String(row.hash), mac: String(row.mac) };
}

function recordOf(row: Row): AuditRecord {
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
