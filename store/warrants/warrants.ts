/** Papers of approvals in the database: what was shown, the warrants, and what actions gave by which inputs are computed again. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../plan/canonical-json.ts';
import { defined } from '../../plan/defined.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import type { AskedPaper, GatePaper, SignedWarrant, Warrant } from '../../plan/warrant.ts';
import { warrantHashLength } from '../../plan/warrant.ts';
import type { Audit } from '../audit/audit.ts';
import type { AuditEntry, AuditRecord } from '../audit/record.ts';
import { type Database, jsonb, type Row } from '../database.ts';
import { type AskedOf, approvalOnRecord, type OnRecord } from './from-records.ts';

/** What the records do not say. */
export type RestOfWarrant = Pick<
  Warrant,
  'plan' | 'gate' | 'item' | 'round' | 'cover' | 'changed' | 'retroactive' | 'before' | 'form'
>;

export interface Issuing extends AskedOf {
  run: string;
  /** The key of the paper, where it is not the approval's own. */
  as?: string;
  /** Its people were asked about by this paper, where there is one. */
  rest(onRecord: OnRecord, asked: AskedPaper | undefined): Promise<RestOfWarrant> | RestOfWarrant;
  sign(warrant: Warrant): SignedWarrant;
}

export interface Papers {
  /** How many there are of these runs: more, and something was signed or proposed since. */
  count: number;
  papers: GatePaper[];
}

export class Warrants {
  private readonly database: Database;
  private readonly audit: Audit;

  constructor(database: Database, audit: Audit) {
    this.database = database;
    this.audit = audit;
  }

  /** People are asked: on record, with what they are shown. */
  async asked(entry: AuditEntry, paper: Omit<AskedPaper, 'run' | 'gate' | 'opened' | 'kind'>): Promise<void> {
    await this.database.transaction(async (query) => {
      const opened = await this.audit.appendIn(query, entry);
      await insert(
        query,
        { run: entry.runId, gate: entry.step ?? '', opened, kind: 'asked' },
        paper as unknown as JsonObject,
      );
    });
  }

  /**
   * Issues a warrant from the records of the run, in the order of these: nothing is appended between the look at them and the
   * warrant. Throws `NotOnRecord` or `NotSettled`. Gives the name's hash; asked again for the same, the same.
   */
  issue(issuing: Issuing): Promise<string> {
    const { run, gate } = issuing;
    return this.database.transaction(async (query) => {
      await query('select 1 from audit_heads where run_id = $1 for update', [run]);
      const records = await recordsOf(query, run, gate);
      const onRecord = approvalOnRecord(records, issuing, Date.now());
      const papers = (
        await query('select * from gate_paper where run_id = $1 and gate = $2 order by id', [run, gate])
      ).map(paperOf);
      const asked = papers.find(
        (paper): paper is AskedPaper => paper.kind === 'asked' && paper.opened === onRecord.opened,
      );
      const rest = await issuing.rest(onRecord, asked);
      // As the database gives it back, since the signature must hold for that.
      const warrant = JSON.parse(jsonb({ run, ...onRecord, ...rest })) as Warrant;
      const hash = hashOfWarrant(warrant);
      const [known] = await query('select 1 from gate_paper where hash = $1', [hash]);
      if (known) return hash;
      const signed = issuing.sign(warrant);
      await insert(
        query,
        { run, gate: issuing.as ?? gate, opened: onRecord.opened, kind: 'issued', hash },
        signed as unknown as JsonObject,
      );
      await this.audit.appendIn(query, {
        runId: run,
        kind: 'warrant.issued',
        step: gate,
        actor: 'countersign',
        data: { hash, ...(warrant as unknown as JsonObject), signed: signed as unknown as Json },
      });
      return hash;
    });
  }

  /** What was proposed fell: what was signed before stands. */
  async stands(run: string, gate: string): Promise<void> {
    await this.database.query(
      `insert into gate_paper (run_id, gate, opened, kind, content)
       select $1, $2, coalesce(max(opened), 0), 'stands', '{}' from gate_paper where run_id = $1 and gate = $2`,
      [run, gate],
    );
  }

  async of(runs: readonly string[]): Promise<Papers> {
    const rows = await this.database.query('select * from gate_paper where run_id = any($1) order by id', [
      runs,
    ]);
    return { count: rows.length, papers: rows.map(paperOf) };
  }

  /** By the hashes in their names: also of runs that this one called, and that have ended. */
  async named(hashes: readonly string[]): Promise<GatePaper[]> {
    const rows = await this.database.query('select * from gate_paper where hash = any($1)', [hashes]);
    return rows.map(paperOf);
  }

  /** Whether the run had begun when this was recorded of the run that called it. */
  async wasUnderWay(run: string, before: { run: string; record: number }): Promise<boolean> {
    const rows = await this.database.query(
      `select 1 from runs, audit
       where runs.id = $1 and audit.run_id = $2 and audit.seq = $3 and runs.started_at < audit.at`,
      [run, before.run, before.record],
    );
    return rows.length > 0;
  }

  async isOlder(run: string): Promise<boolean> {
    return (await this.database.query('select 1 from older_run where run_id = $1', [run])).length > 0;
  }

  /** Older runs that have not ended. */
  async olderRuns(): Promise<string[]> {
    const rows = await this.database.query(
      `select older_run.run_id from older_run join runs on runs.id = older_run.run_id where runs.ended_at is null order by 1`,
    );
    return rows.map(({ run_id }) => String(run_id));
  }

  /** Keys of the approvals for which people were asked, by the records. */
  async gatesAskedFor(run: string): Promise<string[]> {
    const rows = await this.database.query(
      `select distinct step from audit where run_id = $1 and kind = 'gate.opened' and step is not null order by 1`,
      [run],
    );
    return rows.map(({ step }) => String(step));
  }

  /** What the step gave in this item and those within, the last one last. */
  async outputs(run: string, step: string, item: string): Promise<{ item: string; output: Json }[]> {
    const rows = await this.database.query(
      `select item, output from recorded_output where run_id = $1 and step = $2 and item like $3 order by at`,
      [run, step, `${item}%`],
    );
    return rows.map((row) => ({ item: String(row.item), output: row.output as Json }));
  }

  async keepOutput(run: string, step: string, given: { item: string; output: Json }): Promise<void> {
    await this.database.query(
      `insert into recorded_output (run_id, step, item, output) values ($1, $2, $3, $4)
       on conflict (run_id, step, item) do update set output = excluded.output, at = clock_timestamp()`,
      [run, step, given.item, jsonb(given.output)],
    );
  }

  /** New values that were given to inputs, in their order, as the run tells it. */
  async amended(run: string): Promise<JsonObject[]> {
    const rows = await this.database.query(
      `select data->'after' as after from journal where run_id = $1 and kind = 'run.amended' order by seq`,
      [run],
    );
    return rows.map(({ after }) => (after ?? {}) as JsonObject);
  }
}

export function hashOfWarrant(warrant: Warrant): string {
  const text = canonicalJson(warrant as unknown as Json);
  return createHash('sha256').update(text).digest('base64url').slice(0, warrantHashLength);
}

interface PaperRow {
  run: string;
  gate: string;
  opened: number;
  kind: GatePaper['kind'];
  hash?: string;
}

async function insert(query: Database['query'], paper: PaperRow, content: JsonObject): Promise<void> {
  const { run, gate, opened, kind, hash } = paper;
  await query(
    'insert into gate_paper (run_id, gate, opened, kind, hash, content) values ($1, $2, $3, $4, $5, $6)',
    [run, gate, opened, kind, hash ?? null, jsonb(content)],
  );
}

function paperOf(row: Row): GatePaper {
  const common = { run: String(row.run_id), gate: String(row.gate), opened: Number(row.opened) };
  switch (row.kind as GatePaper['kind']) {
    case 'asked':
      return {
        ...common,
        kind: 'asked',
        ...(row.content as Omit<AskedPaper, 'run' | 'gate' | 'opened' | 'kind'>),
      };
    case 'issued':
      return {
        ...common,
        kind: 'issued',
        hash: String(row.hash),
        signed: row.content as unknown as SignedWarrant,
      };
    case 'stands':
      return { ...common, kind: 'stands' };
  }
}

/** Of one approval. */
async function recordsOf(query: Database['query'], run: string, gate: string): Promise<AuditRecord[]> {
  const rows = await query(
    `select * from audit where run_id = $1 and step = $2
       and (kind like 'vote.%' or kind in ('gate.opened', 'gate.escalated', 'people.told')) order by seq`,
    [run, gate],
  );
  return rows.map((row) =>
    defined({
      runId: String(row.run_id),
      seq: Number(row.seq),
      at: (row.at as Date).toISOString(),
      kind: row.kind as AuditRecord['kind'],
      step: gate,
      actor: String(row.actor),
      data: row.data as JsonObject,
      previous: String(row.previous),
      hash: String(row.hash),
      mac: String(row.mac),
    }),
  );
}
