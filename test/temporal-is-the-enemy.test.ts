/**
 * Somebody has all of a whole installation's Temporal, with weeks of its histories, and none of its keys. Nothing comes of whatever they
 * start, reset, send again, schedule or answer; each try is named; and honest runs end. With our keys the test seals what an engine
 * sealed and never got carried out, or seals wrongly: as if somebody had caught it on the way.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { defaultPayloadConverter, type Payload, RawValue } from '@temporalio/common';
import proto from '@temporalio/proto';
import { Sealing } from '../gateway/sealing.ts';
import type { Json } from '../plan/plan.ts';
import type { BoundCall, CallEnvelope } from '../plan/sealed.ts';
import { warrantName } from '../plan/warrant.ts';
import type { AuditRecord } from '../store/audit/record.ts';
import type { Verdict } from '../store/audit/verify.ts';
import { packageRoot } from '../store/package-root.ts';
import { loadGatewayKey } from '../vault/commands.ts';
import { loadKeyRing } from '../vault/key-ring.ts';
import { dataConverter } from '../vault/payloads.ts';
import { eventsOf, scheduleAs } from './engine/stranger.ts';
import { startedByEngine2 } from './support/older-run.ts';
import { coordinator, manager as dana, TestStack, until } from './support/stack.ts';

const sam = 'sam.lindqvist@example.com';
const {
  ResetReapplyType,
  ResetReapplyExcludeType,
  WorkflowExecutionStatus: Status,
} = proto.temporal.api.enums.v1;

interface Found {
  id: string;
  workflowId: string;
}

interface Refused {
  run: string;
  step?: string;
  what: string;
  why: string;
}

describe('Nothing comes of what somebody with all of Temporal does who', () => {
  let stack: TestStack;
  let connection: Connection;
  let stranger: Client;
  /** Signed and carried out, but for its last task. */
  let done: Found;
  /** Begun before the keys were replaced, and signed after that. */
  let waiting: Found;
  /** Begun by an older engine, and at its gate when the worker of this one takes it over. */
  let older: Found;

  beforeAll(async () => {
    stack = await TestStack.start('temporal-port', {
      folder: join(packageRoot(), 'test', 'fixtures', 'temporal-port'),
    });
    const { address, namespace } = stack.stack.parts.temporal.ready as { address: string; namespace: string };
    connection = await Connection.connect({ address });
    stranger = new Client({ connection, namespace });
    done = await begin('robin.sato@example.com', ['morgan.weiss', 'gone.long.ago', 'gone.too']);
    waiting = await begin('lou.maier@example.com');
    older = await begunBefore('kim.okafor@example.com');
    await signed(done);
    await completes(done, 'ready');
    await at(done, 'last', 'waiting');
  }, 300_000);

  afterAll(async () => {
    await connection.close();
    await stack.stop();
  }, 60_000);

  async function begin(person: string, others: string[] = []): Promise<Found> {
    const inputs = { person, others: others.map((name) => `${name}@example.com`) };
    const { body } = await stack.api<{ id: string }>(coordinator, 'POST', '/runs', {
      runbook: 'remove',
      inputs,
    });
    return until('the run to be listed', async () => {
      const { workflowId } = await stack.run(body.id);
      return workflowId ? { id: body.id, workflowId } : undefined;
    });
  }

  async function begunBefore(person: string): Promise<Found> {
    const { worker } = stack.stack.parts;
    await worker.stop();
    const { planHash = '' } = await stack.run(done.id);
    const found = await startedByEngine2(stack, connection, {
      planHash,
      inputs: { person },
      requester: coordinator,
    });
    await worker.start();
    await stack.gate(found.id);
    return found;
  }

  async function signed(run: Found, by = dana): Promise<void> {
    expect((await stack.vote(run.id, by)).body).toMatchObject({ result: 'counted' });
    await at(run, 'ready', 'waiting');
  }

  const at = ({ id }: Found, step: string, status: string) =>
    until(`${step} to be ${status}`, async () =>
      (await stack.run(id)).live?.steps.some((each) => each.id === step && each.status === status)
        ? true
        : undefined,
    );

  async function completes(run: Found, step: string): Promise<void> {
    const { status } = await stack.api(coordinator, 'POST', `/runs/${run.id}/steps/${step}/complete`, {
      output: {},
    });
    expect(status).toBe(200);
  }

  /** What the stand-in for the directory was made to do to people. */
  async function effects(): Promise<string[]> {
    const all = await stack.effects({});
    return all.filter(({ system }) => system !== 'smtp').map(({ effect, subject }) => `${effect} ${subject}`);
  }

  /** By the run's page, and by whoever checks its evidence. */
  async function named({ id }: Pick<Found, 'id'>, why: RegExp): Promise<void> {
    const found = await until(`a refusal like ${why}`, async () => {
      const { body } = await stack.api<{ refusals: Refused[] }>(coordinator, 'GET', `/refusals?run=${id}`);
      return body.refusals?.find((each) => why.test(each.why));
    });
    expect(found.run).toBe(id);
    const { body } = await stack.api<Verdict>(coordinator, 'GET', `/runs/${id}/audit/verify`);
    expect(body.findings.map(({ message }) => message).join('\n')).toMatch(why);
  }

  const codec = async () => dataConverter(await loadKeyRing(stack.dataFolder)).payloadCodecs?.[0];

  async function sealed(value: unknown): Promise<Payload> {
    const [payload] = (await (await codec())?.encode([defaultPayloadConverter.toPayload(value)])) ?? [];
    return payload as Payload;
  }

  const calls = async (run: Found) =>
    (await eventsOf(stranger, run as never)).flatMap(
      (event) => event.activityTaskScheduledEventAttributes ?? [],
    );

  /** The bytes of a call that the run made. */
  async function bytesOf(run: Found, activity: string, number = 0): Promise<Payload> {
    const made = (await calls(run)).filter(({ activityType }) => activityType?.name === activity);
    return made[number]?.input?.payloads?.[0] as Payload;
  }

  /** As the run's engine would seal it. */
  async function callOf(run: Found, call: Partial<BoundCall>, input: Json): Promise<Payload> {
    const decoded = await (await codec())?.decode([await bytesOf(run, 'entra.enableUser')]);
    const { $call } = defaultPayloadConverter.fromPayload(decoded?.[0] as Payload) as CallEnvelope;
    const place = 1_000 + randomBytes(2).readUInt16BE();
    return sealed({ $call: { ...$call, activity: 'entra.deleteUser', place, ...call }, input });
  }

  async function warrants({ id }: Found): Promise<string[]> {
    const { body } = await stack.api<{ records: AuditRecord[] }>(coordinator, 'GET', `/runs/${id}/audit`);
    return body.records
      .filter(({ kind }) => kind === 'warrant.issued')
      .map(({ step = '', data }) => warrantName(step, Number(data.revision), String(data.hash)));
  }

  /** In the place of the run's own worker, which then finds what it did not do. */
  async function schedules(run: Found, ...scheduled: [activity: string, input: Payload][]): Promise<void> {
    const { worker } = stack.stack.parts;
    await worker.stop();
    const wanted = scheduled.map(([activity, input]) => ({ activity, input: [input] }));
    await scheduleAs(stranger, run, wanted, 'countersign.entra');
    await worker.start();
  }

  it('schedules calls of other runs, of other actions and of a second time', async () => {
    const run = await begin('lou.maier@example.com');
    await stack.gate(run.id);
    const before = await effects();
    expect(before.filter((each) => each.startsWith('user.deleted'))).toHaveLength(2);
    await schedules(
      run,
      // Before its gate, by what another run was allowed.
      ['entra.deleteUser', await bytesOf(done, 'entra.deleteUser')],
      // What lets somebody sign in, as what deletes them.
      ['entra.deleteUser', await bytesOf(run, 'entra.enableUser')],
    );
    await named(run, /sealed for another execution/);
    await named(done, /sealed for another execution/);
    await named(run, /sealed as a call of entra.enableUser/);
    await schedules(done, ['entra.deleteUser', await bytesOf(done, 'entra.deleteUser', 2)]);
    await named(done, /it was begun before, and was scheduled a second time/);
    expect(await effects()).toEqual(before);
  }, 120_000);

  it('schedules what was sealed before the gate, for what is asked about anew, or by a faulty engine for another item', async () => {
    const early = await begin('lou.maier@example.com');
    await stack.gate(early.id);
    const changed = await begin('lou.maier@example.com');
    await signed(changed);
    const others = ['robin.sato', 'morgan.weiss', 'alex.duarte', 'kim.okafor'];
    const faulty = await begin('lou.maier@example.com', others);
    await signed(faulty);
    const before = await effects();
    const user = 'lou.maier@example.com';

    await schedules(early, ['entra.deleteUser', await callOf(early, { step: 'delete' }, { user })]);
    await named(early, /"delete" is behind the approval "signoff", and no warrant says that it was given/);

    const first = await warrants(changed);
    const amend = { inputs: { person: 'alex.duarte@example.com' } };
    expect((await stack.api(coordinator, 'POST', `/runs/${changed.id}/amend`, amend)).status).toBe(200);
    await stack.gate(changed.id);
    await schedules(changed, [
      'entra.deleteUser',
      await callOf(changed, { step: 'delete', warrants: first }, { user }),
    ]);
    await named(changed, /what "signoff" signed has changed since step "delete" was called/);

    // Item 4 gets what is item 3's.
    const item = { step: 'gone', item: '[3]', warrants: await warrants(faulty) };
    await schedules(faulty, [
      'entra.deleteUser',
      await callOf(faulty, item, { user: 'alex.duarte@example.com' }),
    ]);
    await named(faulty, /the input of step "gone\[3\]" is not what was signed for it gives/);
    expect(await effects()).toEqual(before);
  }, 180_000);

  it('resets a run to before a refusal, and leaves that out for an earlier approval of the same person', async () => {
    const run = await begin('lou.maier@example.com');
    const { hash } = await stack.gate(run.id);
    const before = await effects();
    // Given, and caught on its way; then its author thinks better of it.
    const key = await loadGatewayKey(stack.dataFolder);
    const request = { step: 'signoff', decision: 'approve', principal: { id: dana, roles: [] }, hash };
    const approval = await sealed(await new Sealing({ key }).command(run.id, 'vote', request));
    expect((await stack.vote(run.id, dana, 'reject')).status).toBe(200);
    await stack.waitFor(run.id, ['rejected', 'failed', 'cancelled']);
    const events = await eventsOf(stranger, run as never);
    const refusal = events.findIndex((event) => event.workflowExecutionUpdateAcceptedEventAttributes);
    const task = events.slice(0, refusal - 2).findLast((event) => event.workflowTaskCompletedEventAttributes);
    const { runId } = await stranger.workflowService.resetWorkflowExecution({
      namespace: stranger.options.namespace,
      workflowExecution: { workflowId: run.workflowId, runId: run.id },
      workflowTaskFinishEventId: task?.eventId as never,
      requestId: 'again',
      resetReapplyType: ResetReapplyType.RESET_REAPPLY_TYPE_NONE,
      resetReapplyExcludeTypes: [ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE],
    });
    const again = stranger.workflow.getHandle(run.workflowId, runId);
    await expect(again.executeUpdate('vote', { args: [RawValue.fromPayload(approval)] })).rejects.toThrow();
    await named(run, /Its run was reset in Temporal/);
    expect(await effects()).toEqual(before);
    await again.terminate();
  }, 60_000);

  it('answers a look-up with what was answered to another run', async () => {
    const { metadata, data } = (await eventsOf(stranger, done as never)).flatMap(
      (event) => event.activityTaskCompletedEventAttributes?.result?.payloads ?? [],
    )[0] as Payload;
    await stack.fault({ system: 'graph', path: '/users/sam', kind: 'delay', delayMs: 6_000, times: 3 });
    const run = await begin(sam);
    const activityId = await until('the look-up to be under way', async () => {
      const { namespace } = stranger.options;
      const execution = { workflowId: run.workflowId, runId: run.id };
      const described = await stranger.workflowService.describeWorkflowExecution({ namespace, execution });
      const [pending] = described.pendingActivities ?? [];
      return pending?.lastStartedTime ? String(pending.activityId) : undefined;
    });
    await stranger.workflowService.respondActivityTaskCompletedById({
      namespace: stranger.options.namespace,
      workflowId: run.workflowId,
      runId: run.id,
      activityId,
      result: { payloads: [{ metadata: metadata ?? {}, data: data ?? new Uint8Array() }] },
    });
    await at(run, 'find', 'parked');
    await named(run, /answer is not believed/);
    await stack.noFaults();
    await stack.api(coordinator, 'POST', `/runs/${run.id}/steps/find/retry`, {});
    const { shown } = await stack.gate(run.id);
    expect(shown.show).toMatchObject({ found: sam });
  }, 90_000);

  it('takes what a schedule carries, which begins runs of that schedule alone', async () => {
    const schedule = stranger.schedule.getHandle('countersign/look-around/1');
    const raw = await until('the schedule', async () =>
      stranger.workflowService
        .describeSchedule({ namespace: stranger.options.namespace, scheduleId: 'countersign/look-around/1' })
        .catch(() => undefined),
    );
    const carried = raw.schedule?.action?.startWorkflow?.input?.payloads?.[0] as Payload;
    const type = raw.schedule?.action?.startWorkflow?.workflowType?.name ?? '';
    const before = await effects();
    const elsewhere = await stranger.workflow.start(type, {
      workflowId: 'look-around-elsewhere',
      taskQueue: 'countersign',
      args: [RawValue.fromPayload(carried)],
    });
    await expect(elsewhere.result()).rejects.toMatchObject({ cause: { type: 'NotSealed' } });
    await expect(
      stranger.workflow
        .getHandle(waiting.workflowId)
        .executeUpdate('amend', { args: [RawValue.fromPayload(carried)] }),
    ).rejects.toMatchObject({ cause: { type: 'NotSealed' } });
    await named(waiting, /no gateway has signed it/);
    const { body } = await stack.api<{ refusals: Refused[] }>(coordinator, 'GET', '/refusals');
    expect(body.refusals.map(({ run }) => run)).toContain(elsewhere.firstExecutionRunId);
    // Without a role people see what concerns themselves.
    expect((await stack.api(dana, 'GET', '/refusals')).status).toBe(403);
    expect((await stack.api(dana, 'GET', `/refusals?run=${waiting.id}`)).status).toBe(200);
    expect(await effects()).toEqual(before);
    // The honest one is begun by the schedule itself.
    await schedule.trigger();
    await until('a run by the schedule to end', async () => {
      const path = '/runs?runbook=look-around&status=succeeded';
      const { body: listed } = await stack.api<{ runs: unknown[] }>(coordinator, 'GET', path);
      return listed.runs.length > 0 ? true : undefined;
    });
  }, 90_000);

  it('keeps all of it for when the keys are replaced, while runs of before end as they were signed', async () => {
    const early = await bytesOf(waiting, 'entra.enableUser');
    const ring = join(stack.dataFolder, 'key-ring.json');
    const { keys } = JSON.parse(readFileSync(ring, 'utf8')) as { keys: Record<string, string> };
    const renewed = { current: 'k2', keys: { ...keys, k2: randomBytes(32).toString('base64') } };
    writeFileSync(ring, JSON.stringify(renewed));
    await stack.stack.parts.worker.restart();
    await stack.stack.parts.gateway.restart();
    const run = await until('a run', () => begin('kim.okafor@example.com').catch(() => undefined));
    await stack.gate(run.id);
    const before = await effects();
    await schedules(run, ['entra.enableUser', early]);
    await named(run, /sealed for another execution/);
    expect(await effects()).toEqual(before);

    await signed(waiting, sam);
    await completes(waiting, 'ready');
    await at(waiting, 'last', 'waiting');
    await completes(waiting, 'last');
    expect((await stack.waitFor(waiting.id, ['succeeded'])).status).toBe('succeeded');
    expect(await effects()).toEqual([...before, 'user.deleted lou.maier@example.com']);
  }, 120_000);

  it('lets an upgrade pass while a run waits at its gate: warrants hold of it from then on, and it ends as it was signed', async () => {
    const before = await effects();
    const { workflowId, id } = older;
    const vote = { step: 'signoff', decision: 'approve', principal: { id: dana, roles: [] } };
    await expect(
      stranger.workflow.getHandle(workflowId, id).executeUpdate('vote', { args: [vote] }),
    ).rejects.toMatchObject({ cause: { type: 'NotSealed' } });
    await named(older, /was not encrypted by this installation/);
    await stack.stack.parts.worker.stop();
    const migrated = await migrate();
    expect(migrated.find(({ run }) => run === older.id)).toMatchObject({
      gate: 'signoff',
      why: expect.stringMatching(/0 of 1/),
    });
    await stack.stack.parts.worker.start();
    await signed(older);
    expect(await migrate()).toContainEqual({ run: older.id, gate: 'signoff', warrant: expect.any(String) });
    await completes(older, 'ready');
    await at(older, 'last', 'waiting');
    await completes(older, 'last');
    expect((await stack.waitFor(older.id, ['succeeded'])).status).toBe('succeeded');
    expect(await effects()).toEqual([...before, 'user.deleted kim.okafor@example.com']);
    const { body } = await stack.api<{ records: AuditRecord[] }>(
      coordinator,
      'GET',
      `/runs/${older.id}/audit`,
    );
    const issued = body.records.filter(({ kind }) => kind === 'warrant.issued');
    expect(issued.map(({ data }) => [data.before, data.gate])).toEqual([[4, 'signoff']]);
    // But for what the stranger tried, its evidence is whole.
    const { body: verdict } = await stack.api<Verdict>(coordinator, 'GET', `/runs/${older.id}/audit/verify`);
    expect(verdict.findings.map(({ message }) => message)).toEqual([
      expect.stringContaining('was not encrypted by this installation'),
    ]);
  }, 120_000);

  it('looks at honest runs with Temporal’s own tools, which show them by runbook, action and state, and none of what they say', async () => {
    const { executions } = await stranger.workflowService.listWorkflowExecutions({
      namespace: stranger.options.namespace,
    });
    const listed = Object.fromEntries(
      executions.map(({ execution, type, status }) => [execution?.workflowId, [type?.name, Number(status)]]),
    );
    expect(listed).toMatchObject({
      [waiting.workflowId]: ['remove', Status.WORKFLOW_EXECUTION_STATUS_COMPLETED],
      [older.workflowId]: ['remove', Status.WORKFLOW_EXECUTION_STATUS_COMPLETED],
      [done.workflowId]: ['remove', Status.WORKFLOW_EXECUTION_STATUS_RUNNING],
    });
    for (const run of [waiting, older]) {
      const events = await eventsOf(stranger, run as never);
      expect((await calls(run)).map(({ activityType }) => activityType?.name)).toEqual(
        expect.arrayContaining(['entra.enableUser', 'entra.deleteUser']),
      );
      const told = events.flatMap(
        ({ workflowExecutionUpdateAcceptedEventAttributes: update }) =>
          update?.acceptedRequest?.input?.name ?? [],
      );
      expect(told).toEqual(['vote', 'complete', 'complete']);
      expect(JSON.stringify(events)).not.toMatch(/dana|sam\.|okafor|lou\.maier/);
    }
  }, 60_000);

  async function migrate(): Promise<{ run: string; gate: string; warrant?: string; why?: string }[]> {
    const program = join(packageRoot(), 'dist', 'cli', 'main.js');
    const words = ['migrate', '--json', '--data', stack.dataFolder];
    const DATABASE_URL = String(stack.stack.parts.postgres.ready.url);
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...words], {
      env: { ...process.env, DATABASE_URL },
    });
    return JSON.parse(stdout).found;
  }
});
