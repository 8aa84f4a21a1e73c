/**
 * Questions at a gate and their answers. Both are records of the run's audit chain, so that they are evidence, are verified with it, and
 * are there after a restart of anything; who is told, and whose inbox it waits in, is written in the same transaction.
 */
import type { JsonObject } from '../../plan/plan.ts';
import type { Database } from '../database.ts';
import { announceInbox, announceRuns } from '../listen.ts';
import { type OutboxMessage, putIn } from '../outbox.ts';
import type { Audit } from './audit.ts';
import type { AuditRecord } from './record.ts';

export interface Said {
  run: string;
  step: string;
  by: string;
  /** The same for one that is sent again after a lost answer. */
  request: string;
  data: JsonObject;
  /** What whoever is asked, or has asked, is told. Without `to`, nobody. */
  message(number: number): OutboxMessage;
}

type Claim = Pick<Said, 'run' | 'step' | 'by' | 'request'>;

export interface Asked extends Said {
  title: string;
  /** `person:E-MAIL` and `role:NAME`. */
  assignees: readonly string[];
}

type Query = Database['query'];
type Kind = 'question.asked' | 'question.answered';

export class Questions {
  private readonly database: Database;
  private readonly audit: Pick<Audit, 'appendUnlessIn'>;

  constructor(database: Database, audit: Pick<Audit, 'appendUnlessIn'>) {
    this.database = database;
    this.audit = audit;
  }

  /** False where the gate has as many questions as it may have. */
  ask(asked: Asked, most: number): Promise<boolean> {
    return this.database.transaction(async (query) => {
      let count = 0;
      const number = await this.write(query, 'question.asked', asked, async () => {
        count = await countOf(query, asked);
        return count >= most;
      });
      if (number === undefined) return count < most;
      await query(
        `insert into open_questions (run_id, step, question, title, assignee)
         select $1, $2, $3, $4, unnest($5::text[]) on conflict do nothing`,
        [asked.run, asked.step, number, asked.title, [...new Set(asked.assignees)]],
      );
      await announceInbox(query, asked.assignees);
      return true;
    });
  }

  /** Before the run is told what was suggested: from then on nobody declines it. False where it is settled already. */
  claim({ run, step, by, request }: Claim, question: number): Promise<boolean> {
    return this.database.transaction(async (query) => {
      let settled = false;
      const data = { request, question };
      await this.audit.appendUnlessIn(
        query,
        { runId: run, kind: 'question.accepting', step, actor: by, data },
        async () => {
          settled = await isSettled(query, run, question);
          return settled || (await isClaimed(query, run, question, by));
        },
      );
      return !settled;
    });
  }

  /** The run refused what this person accepted, so that it can be declined again. */
  async release({ run, step, by, request }: Claim, question: number, reason: string): Promise<void> {
    await this.database.transaction((query) =>
      this.audit.appendUnlessIn(
        query,
        { runId: run, kind: 'question.refused', step, actor: by, data: { request, question, reason } },
        async () => !(await isClaimed(query, run, question, by)),
      ),
    );
  }

  /**
   * False where it is a suggestion that somebody else has accepted or declined, or one to be declined that somebody is accepting;
   * `evenClaimed` where that can come to nothing any more.
   */
  answer(answer: Said, question: number, evenClaimed = false): Promise<boolean> {
    return this.database.transaction(async (query) => {
      let settled = false;
      const number = await this.write(query, 'question.answered', answer, async () => {
        const { became } = answer.data;
        settled =
          (became !== undefined && (await isSettled(query, answer.run, question))) ||
          (became === 'declined' && !evenClaimed && (await isClaimed(query, answer.run, question)));
        return settled;
      });
      if (number === undefined) return !settled;
      const open = await query(
        'delete from open_questions where run_id = $1 and question = $2 returning assignee',
        [answer.run, question],
      );
      await announceInbox(
        query,
        open.map(({ assignee }) => String(assignee)),
      );
      return true;
    });
  }

  /** The number of its record; undefined where it stands there already, or may not. */
  private async write(
    query: Query,
    kind: Kind,
    { run, step, by, request, data, message }: Said,
    refused: () => Promise<boolean>,
  ): Promise<number | undefined> {
    const entry = { runId: run, kind, step, actor: by, data: { request, ...data } };
    const number = await this.audit.appendUnlessIn(query, entry, async () => {
      const [known] = await query(
        `select 1 from audit where run_id = $1 and kind = $2 and data->>'request' = $3 limit 1`,
        [run, kind, request],
      );
      return known !== undefined || refused();
    });
    if (number === undefined) return undefined;
    const told = message(number);
    if (told.to.length > 0) await putIn(query, told);
    await announceRuns(query, new Map([[run, '']]));
    return number;
  }

  /** Number of the last record that is one; 0 where there is none. */
  async last(run: string): Promise<number> {
    const [row] = await this.database.query(
      `select coalesce(max(seq), 0) as last from audit
       where run_id = $1 and kind in ('question.asked', 'question.answered')`,
      [run],
    );
    return Number(row?.last);
  }

  /** The records of a run that are questions and answers, the oldest first. */
  async of(run: string): Promise<Pick<AuditRecord, 'seq' | 'at' | 'kind' | 'step' | 'actor' | 'data'>[]> {
    const rows = await this.database.query(
      `select seq, at, kind, step, actor, data from audit where run_id = $1 and kind in ('question.asked', 'question.answered') order by seq`,
      [run],
    );
    return rows.map((row) => ({
      seq: Number(row.seq),
      at: (row.at as Date).toISOString(),
      kind: row.kind as AuditRecord['kind'],
      step: String(row.step),
      actor: String(row.actor),
      data: row.data as JsonObject,
    }));
  }
}

async function countOf(query: Query, { run, step }: Said): Promise<number> {
  const [row] = await query(
    `select count(*) as count from audit where run_id = $1 and kind = 'question.asked' and step = $2`,
    [run, step],
  );
  return Number(row?.count);
}

async function isSettled(query: Query, run: string, question: number): Promise<boolean> {
  const [row] = await query(
    `select 1 from audit where run_id = $1 and kind = 'question.answered'
     and data->>'question' = $2 and data->>'became' is not null limit 1`,
    [run, String(question)],
  );
  return row !== undefined;
}

/** By this person, or by anybody: the run was to be told, and it is not on record that it refused. */
async function isClaimed(query: Query, run: string, question: number, by?: string): Promise<boolean> {
  const [row] = await query(
    `select 1 from audit c where run_id = $1 and kind = 'question.accepting'
     and data->>'question' = $2 and ($3::text is null or actor = $3) and not exists (
       select 1 from audit r where r.run_id = $1 and r.kind = 'question.refused'
       and r.data->>'question' = $2 and r.actor = c.actor and r.seq > c.seq
     ) limit 1`,
    [run, String(question), by ?? null],
  );
  return row !== undefined;
}
