/**
 * Who named whom to stand in for them. Each naming and each end of one is a record of an audit chain of its own, signed like those of a
 * run: a row that this installation did not write makes nobody a signer, and one that was taken away is noticed.
 */
import type { Delegation } from '../organisation/delegations.ts';
import type { Json } from '../plan/plan.ts';
import type { Audit } from './audit/audit.ts';
import type { AuditRecord, Signer } from './audit/record.ts';
import { chainProblem } from './audit/verify.ts';
import type { Database } from './database.ts';
import { type OutboxMessage, putIn } from './outbox.ts';

/** In the place of a run's id. */
export const delegationsChain = 'delegations';

export interface KeptDelegation extends Delegation {
  /** Milliseconds since 1970. */
  madeAt: number;
  ended?: { at: number; by: string };
}

export interface Made extends Omit<Delegation, 'id'> {
  request: string;
  message(id: number): OutboxMessage;
}

interface Read {
  head: string;
  delegations: KeptDelegation[];
  problem?: string;
}

type Query = Database['query'];

export class Delegations {
  private readonly database: Database;
  private readonly audit: Pick<Audit, 'appendUnlessIn' | 'chain' | 'chainIn'>;
  private readonly signer: Signer | undefined;
  private known: Read = { head: '', delegations: [] };

  constructor(
    database: Database,
    audit: Pick<Audit, 'appendUnlessIn' | 'chain' | 'chainIn'>,
    signer: Signer | undefined,
  ) {
    this.database = database;
    this.audit = audit;
    this.signer = signer;
  }

  /** Its number; undefined where `refused` finds it not to be so, or it was made before by the same request. */
  make(
    { request, message, ...made }: Made,
    refused: (known: readonly KeptDelegation[]) => boolean,
  ): Promise<number | undefined> {
    const { person, ...data } = made;
    return this.database.transaction(async (query) => {
      const entry = {
        runId: delegationsChain,
        kind: 'delegation.made' as const,
        actor: person,
        data: { request, ...data },
      };
      const number = await this.audit.appendUnlessIn(
        query,
        entry,
        async () =>
          (await isKnown(query, entry.kind, request)) || refused((await this.readIn(query)).delegations),
      );
      if (number !== undefined) await putIn(query, message(number));
      return number;
    });
  }

  async end(
    { id, by, request }: { id: number; by: string; request: string },
    message: OutboxMessage,
  ): Promise<void> {
    await this.database.transaction(async (query) => {
      const entry = {
        runId: delegationsChain,
        kind: 'delegation.ended' as const,
        actor: by,
        data: { request, made: id },
      };
      const known = async () =>
        (await isKnown(query, entry.kind, request)) ||
        (await this.readIn(query)).delegations.some((each) => each.id === id && each.ended !== undefined);
      const number = await this.audit.appendUnlessIn(query, entry, known);
      if (number !== undefined && message.to.length > 0) await putIn(query, message);
    });
  }

  /** All that were ever made, the oldest first. Of a chain that does not hold, none, and what is wrong with it. */
  async read(): Promise<Read> {
    const hash = await headHash((text, values) => this.database.query(text, values));
    return hash === this.known.head ? this.known : this.keep(hash, await this.audit.chain(delegationsChain));
  }

  /** For whoever holds the chain, on its own connection: others wait for the chain with a connection each, and none may be left. */
  private async readIn(query: Query): Promise<Read> {
    const hash = await headHash(query);
    return hash === this.known.head
      ? this.known
      : this.keep(hash, await this.audit.chainIn(query, delegationsChain));
  }

  private keep(head: string, chain: Awaited<ReturnType<Audit['chain']>>): Read {
    const problem = chainProblem(delegationsChain, chain.records, chain.head, this.signer);
    this.known = {
      head,
      delegations: problem ? [] : delegationsIn(chain.records),
      ...(problem ? { problem: problem.message } : {}),
    };
    return this.known;
  }

  /** Those that have not been ended, whatever their days. */
  async standing(): Promise<Delegation[]> {
    return (await this.read()).delegations.filter(({ ended }) => ended === undefined);
  }
}

async function headHash(query: Query): Promise<string> {
  const [head] = await query('select hash from audit_heads where run_id = $1', [delegationsChain]);
  return head ? String(head.hash) : '';
}

async function isKnown(query: Query, kind: string, request: string): Promise<boolean> {
  const [row] = await query(
    `select 1 from audit where run_id = $1 and kind = $2 and data->>'request' = $3 limit 1`,
    [delegationsChain, kind, request],
  );
  return row !== undefined;
}

function delegationsIn(records: readonly AuditRecord[]): KeptDelegation[] {
  const found: KeptDelegation[] = [];
  for (const { seq, at, kind, actor, data } of records) {
    if (kind === 'delegation.made')
      found.push({
        id: seq,
        person: actor,
        delegate: textOf(data.delegate),
        role: textOf(data.role),
        from: textOf(data.from),
        to: textOf(data.to),
        madeAt: Date.parse(at),
      });
    const made = kind === 'delegation.ended' ? found.find(({ id }) => id === data.made) : undefined;
    if (made) made.ended ??= { at: Date.parse(at), by: actor };
  }
  return found;
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
