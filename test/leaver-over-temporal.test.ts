/**
 * The leaver at 16:59 over a real Temporal server: all that hands can do comes in the one workflow task in which access is to end, the
 * worker dies when the run has taken it and before anything of it is written down, and a late, older edit of the ticket follows.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { type Payload, RawValue } from '@temporalio/common';
import pg from 'pg';
import type { Delivery } from '../cli/demo/stage.ts';
import type { Verdict } from '../store/audit/verify.ts';
import { packageRoot } from '../store/package-root.ts';
import type { Gate } from '../workflows/messages.ts';
import { commandOf, eventsOf } from './engine/stranger.ts';
import { manager as dana, coordinator as kim, TestStack, until, webhookSecret } from './support/stack.ts';

const ticket = 'RITM0010001';
const lou = 'lou.maier@example.com';
/** Of HR: sam asked for the run, so that hanna alone can sign beside the manager. */
const [sam, hanna] = ['sam.lindqvist@example.com', 'hanna.vogt@example.com'];
const morgan = 'morgan.weiss@example.com';

/** `2026-11-27T17:00` in Berlin, of a full minute. */
function inBerlin(at: number): string {
  const text = new Intl.DateTimeFormat('sv-SE', {
    timeZone: 'Europe/Berlin',
    dateStyle: 'short',
    timeStyle: 'short',
  }).format(at);
  return text.replace(' ', 'T');
}

const sleepUntil = (at: number) => new Promise((resolve) => setTimeout(resolve, at - Date.now()));

const isAccepted = (event: Awaited<ReturnType<typeof eventsOf>>[number]) =>
  Boolean(event.workflowExecutionUpdateAcceptedEventAttributes);

describe('On a real Temporal server the leaver at 16:59', () => {
  let folder: string;
  let stack: TestStack;
  let connection: Connection;
  let stranger: Client;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-leaver-'));
    for (const name of ['countersign.yaml', 'runbooks'])
      cpSync(join(packageRoot(), name), join(folder, name), { recursive: true });
    const settings = join(folder, 'countersign.yaml');
    const people = readFileSync(settings, 'utf8');
    writeFileSync(settings, people.replace(`hr: { people: [${sam}] }`, `hr: { people: [${sam}, ${hanna}] }`));
    const leaver = join(folder, 'runbooks', 'offboarding', 'leaver.yaml');
    const text = readFileSync(leaver, 'utf8');
    // As if its author had given no leave to change the last moment, and with minutes in the ticket.
    writeFileSync(
      leaver,
      text
        .replace('    amend: afterwards\n', '')
        .replace('ticket.variables.last_day + "T17:00"', 'ticket.variables.last_day'),
    );
    stack = await TestStack.start('leaver-at-1659', { folder });
    const { address, namespace } = stack.stack.parts.temporal.ready as { address: string; namespace: string };
    connection = await Connection.connect({ address });
    stranger = new Client({ connection, namespace });
  }, 300_000);

  afterAll(async () => {
    await connection?.close();
    await stack?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const inTicket = (doing: 'move' | 'edit', more: object) =>
    stack.stage().sandbox<Delivery>('POST', `/_sandbox/servicenow/${doing}`, {
      number: ticket,
      secret: webhookSecret,
      ...more,
    });
  const edit = (last_day: string) => inTicket('edit', { variables: { last_day, immediately: 'false' } });
  const deliver = (delivery: Delivery) => stack.stage().deliver('servicenow', delivery);
  const changedOf = async (subject: string) =>
    (await stack.effects({ subject })).filter(({ system }) => system !== 'smtp').map(({ effect }) => effect);

  const since = async (run: { id: string; workflowId: string }, what: 'timerFiredEventAttributes') => {
    const events = await eventsOf(stranger, run as never);
    return events.slice(events.findIndex((event) => event[what]) + 1);
  };

  /** Holds what a statement locks, until it is released. */
  async function holding(statement: string, values: unknown[] = []) {
    const client = new pg.Client({ connectionString: String(stack.stack.parts.postgres.ready.url) });
    client.on('error', () => {});
    await client.connect();
    await client.query('begin');
    await client.query(statement, values);
    const waiting = "select count(*)::int as held from pg_stat_activity where wait_event_type = 'Lock'";
    return {
      heldUp: async () => {
        // Within a transaction it is looked at once otherwise.
        await client.query('select pg_stat_clear_snapshot()');
        return Number((await client.query(waiting)).rows[0]?.held);
      },
      release: async () => {
        await client.query('rollback');
        await client.end();
      },
    };
  }

  it('asks those who signed about both changes, whatever died, and does what was signed once they refuse', async () => {
    const five = Math.ceil((Date.now() + 75_000) / 60_000) * 60_000;
    await edit(inBerlin(five));
    const { run: id = '' } = await deliver(await inTicket('move', { to: 'Work in Progress' }));
    const { workflowId } = await until('the run to be listed', async () => {
      const row = await stack.run(id);
      return row.workflowId ? row : undefined;
    });
    const run = { id, workflowId };
    expect((await stack.vote(id, dana)).body).toMatchObject({ result: 'counted' });
    const first = await until('the vote to be in the history', async () =>
      commandOf(await eventsOf(stranger, run as never)),
    );
    const at = (step: string, status = 'succeeded') =>
      until(
        `${step} to be ${status}`,
        async () =>
          (await stack.run(id)).live?.steps.some((each) => each.id === step && each.status === status)
            ? true
            : undefined,
        30_000,
      );
    await at('lastMoment', 'waiting');
    // An edit that is on its way for long.
    const late = await edit('2026-12-20T17:00');
    const toJanuary = await edit('2027-01-15T17:00');
    const before = await changedOf(lou);
    const { worker } = stack.stack.parts;

    // Both have looked at the run, and are held up where they are put on record, before the run hears of them.
    await sleepUntil(five - 20_000);
    const record = await holding('select 1 from audit_heads where run_id = $1 for update', [id]);
    const amending = stack.api(kim, 'POST', `/runs/${id}/amend`, { inputs: { manager: kim } });
    const editing = deliver(toJanuary);
    // When this fails before they are answered, that is what failed.
    for (const asked of [amending, editing]) asked.catch(() => {});
    await until('one to be held up', async () => ((await record.heldUp()) > 0 ? true : undefined));
    // The other one waits for its turn behind it, in the gateway.
    await sleepUntil(Date.now() + 3_000);
    await worker.stop();
    expect(Date.now()).toBeLessThan(five);
    await sleepUntil(five + 1_000);
    // Nothing that the run says of itself can be written down from here on.
    const journal = await holding('lock table journal in share mode');
    const starting = worker.start();
    const replay = stranger.workflow
      .getHandle(workflowId, id)
      .executeUpdate('vote', { args: [RawValue.fromPayload(first as Payload)] })
      .then(
        () => 'taken',
        (error) => String(error.cause?.message),
      );
    await record.release();
    await until('the run to have taken both', async () =>
      (await since(run, 'timerFiredEventAttributes')).filter(isAccepted).length === 2 ? true : undefined,
    );
    worker.kill('SIGKILL');
    await starting.catch(() => {});
    await journal.release();
    await worker.waitReady();
    expect(await replay).toMatch(/was taken before|voted again since|people are being asked/);
    // A gateway that heard no answer in time says so; what the run took counts.
    expect([200, 503]).toContain((await amending).status);
    await editing;

    // The moment and what hands did came to the run in one task.
    const events = await since(run, 'timerFiredEventAttributes');
    const task = events.find((event) => event.workflowTaskCompletedEventAttributes);
    for (const event of events.filter(isAccepted))
      expect(
        String(event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequestSequencingEventId),
      ).toBe(String(task?.workflowTaskCompletedEventAttributes?.scheduledEventId));

    expect((await deliver(late)).outcome ?? 'late').toMatch(/late/);
    const gate = await until('people to be asked about both', async () => {
      const { shown, approvers, hash, deadline } = await stack.gate(id);
      const proposed = (shown.proposed ?? []) as { by: string; changes: object[] }[];
      return proposed.length === 2 ? { proposed, approvers, hash, deadline } : undefined;
    });
    const changes = gate.proposed.flatMap((each) => each.changes);
    expect(changes).toHaveLength(2);
    expect(changes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          path: 'inputs.lastMoment',
          before: inBerlin(five),
          after: '2027-01-15T17:00',
        }),
        expect.objectContaining({ path: 'inputs.manager', before: dana, after: kim }),
      ]),
    );
    expect(gate.approvers).toEqual(expect.arrayContaining([dana, hanna]));
    expect(await changedOf(lou)).toEqual(before);
    // Not the owner, who would be the new manager, and not who asked for the run.
    for (const person of [kim, sam]) {
      const body = { decision: 'approve', hash: gate.hash };
      const { status } = await stack.api(person, 'POST', `/runs/${id}/steps/signoff/vote`, body);
      expect([person, status]).toEqual([person, 403]);
    }
    // A second edit joins, and moves no deadline.
    await deliver(await edit('2027-02-15T17:00'));
    const again = await until('people to be asked again', async () => {
      const now: Gate = await stack.gate(id);
      return JSON.stringify(now.shown.proposed).includes('2027-02-15') ? now : undefined;
    });
    expect(again.deadline).toBe(gate.deadline);

    expect((await stack.vote(id, dana, 'reject')).status).toBe(200);
    await at('mailbox');
    const done = await changedOf(lou);
    expect(done).toEqual(expect.arrayContaining(['user.updated', 'member.removed']));
    const told = await stack.journal(id);
    expect(told.map(({ seq }) => seq)).toEqual(told.map((_, index) => index + 1));
    expect(told.filter(({ kind }) => kind === 'proposal.fell').length).toBeGreaterThanOrEqual(2);
    expect(told.filter(({ kind }) => kind.startsWith('step.undo'))).toEqual([]);
    const given = (await stack.effects({ system: 'exchange' })).filter(({ detail }) =>
      JSON.stringify(detail ?? {}).includes('dana'),
    );
    expect(given.length).toBeGreaterThan(0);
    expect(JSON.stringify(await stack.effects({ system: 'exchange' }))).not.toContain('kim.okafor');
    const mails = (await stack.mails()).filter(
      ({ to, subject }) => to === dana && subject.startsWith('Please sign again'),
    );
    expect(mails.length).toBeGreaterThan(0);
    expect(mails.length).toBeLessThanOrEqual(3);
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(mails.length);
    // What was sent again is named, and nothing else is wrong with the evidence.
    expect((await stack.vote(id, morgan, 'approve', 'second')).status).toBe(200);
    await until('the equipment to be collected', async () =>
      (await stack.run(id)).live?.tasks.some(({ step }) => step === 'collect') ? true : undefined,
    );
    await stack.api(kim, 'POST', `/runs/${id}/steps/collect/complete`, { output: { returned: true } });
    await stack.waitFor(id, ['succeeded'], 90_000);
    const { body } = await stack.api<Verdict>(kim, 'GET', `/runs/${id}/audit/verify`);
    expect(body.findings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/vote was refused at/),
    ]);
  }, 400_000);
});
