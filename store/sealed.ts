/** By what a worker knows what comes through Temporal: the gateways' keys, and which execution each start began. */
import type { Signer } from './audit/record.ts';
import type { Database } from './database.ts';

/** A list of public keys, and what its entries are signed for: one of one list is none of another. */
const lists = {
  gateways: { table: 'gateway_key', purpose: 'gateway key' },
  warrants: { table: 'warrant_key', purpose: 'warrant key' },
} as const;

export class PublicKeys {
  private readonly database: Database;
  private readonly signer: Signer | undefined;
  private readonly table: string;
  private readonly purpose: string;

  constructor(database: Database, of: keyof typeof lists, signer?: Signer) {
    this.database = database;
    this.signer = signer;
    this.table = lists[of].table;
    this.purpose = lists[of].purpose;
  }

  /** Lists the key for good. Throws when another key has its id. */
  async list(id: string, publicKey: string): Promise<void> {
    const signer = this.mustSign();
    await this.database.query(
      `insert into ${this.table} (id, public_key, mac) values ($1, $2, $3) on conflict (id) do nothing`,
      [id, publicKey, signer.mac(this.purpose, textOf(id, publicKey))],
    );
    if ((await this.find(id)) !== publicKey)
      throw new Error(
        `The ${this.purpose} "${id}" is listed in the database with another public key. Remove the key's file; a new key is made at the next start.`,
      );
    await this.renew(signer);
  }

  /** By the ring's current key, so that an older one may be taken out of the ring although an old command names its gateway. */
  private async renew(signer: Signer): Promise<void> {
    for (const row of await this.database.query(`select id, public_key, mac from ${this.table}`)) {
      const text = textOf(String(row.id), String(row.public_key));
      const mac = signer.mac(this.purpose, text);
      if (mac === row.mac || !this.holds(signer, text, String(row.mac))) continue;
      await this.database.query(`update ${this.table} set mac = $2 where id = $1`, [row.id, mac]);
    }
  }

  private mustSign(): Signer {
    if (this.signer) return this.signer;
    throw new Error('This store was opened without keys, so it cannot list a key.');
  }

  /** Undefined too for a row that this installation did not write. */
  async find(id: string): Promise<string | undefined> {
    const [row] = await this.database.query(`select public_key, mac from ${this.table} where id = $1`, [id]);
    if (!row || !this.signer) return undefined;
    const publicKey = String(row.public_key);
    return this.signer.checkMac(this.purpose, textOf(id, publicKey), String(row.mac)) ? publicKey : undefined;
  }

  /** False too when its key is no longer in the ring. */
  private holds(signer: Signer, text: string, mac: string): boolean {
    try {
      return signer.checkMac(this.purpose, text, mac);
    } catch {
      return false;
    }
  }
}

function textOf(id: string, publicKey: string): string {
  return `${id}\n${publicKey}`;
}

/** How many starts are remembered, so that a run asks the database once and not at every call. */
const remembered = 5_000;

export class RunStarts {
  private readonly database: Database;
  private readonly known = new Map<string, string>();

  constructor(database: Database) {
    this.database = database;
  }

  /** The execution that began with this start: the first that asks is it for good. */
  async executionOf(start: string, execution: string): Promise<string> {
    const known = this.known.get(start);
    if (known !== undefined) return known;
    const [row] = await this.database.query(
      `with made as (
         insert into run_start (number, execution) values ($1, $2) on conflict (number) do nothing returning execution)
       select execution from made union all select execution from run_start where number = $1`,
      [start, execution],
    );
    // Another one that was writing it in the same moment is seen by the next statement only.
    const first = row ? String(row.execution) : await this.kept(start);
    if (first === undefined) throw new Error(`the start ${start} was neither kept nor there`);
    if (this.known.size >= remembered) this.known.clear();
    this.known.set(start, first);
    return first;
  }

  /** Undefined for a start by which nothing was called yet. */
  async begunBy(start: string): Promise<string | undefined> {
    const known = this.known.get(start);
    if (known !== undefined) return known;
    return this.kept(start);
  }

  private async kept(start: string): Promise<string | undefined> {
    const [row] = await this.database.query('select execution from run_start where number = $1', [start]);
    return row && String(row.execution);
  }

  /** A run that was live when calls began to be bound, or a part of it. */
  async mayBeUnbound(run: string, workflowId: string): Promise<boolean> {
    const [row] = await this.database.query('select workflow_id from unbound_run where run_id = $1', [run]);
    if (!row) return false;
    return workflowId === String(row.workflow_id) || workflowId.startsWith(`${run}/`);
  }
}
