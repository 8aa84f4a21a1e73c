import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { AuditFile } from '../store/audit/file.ts';
import type { AuditRecord } from '../store/audit/record.ts';
import type { Verdict } from '../store/audit/verify.ts';
import { packageRoot } from '../store/package-root.ts';
import { connectorSecrets, expectNoCanaries } from './support/canaries.ts';
import { coordinator, manager, TestStack, until } from './support/stack.ts';

interface Ended {
  code: number;
  out: string;
  err: string;
}

let stack: TestStack;

beforeAll(async () => {
  stack = await TestStack.start('audit', { latencyMs: 40 });
}, 300_000);

afterAll(async () => {
  try {
    await expectNoCanaries(stack, connectorSecrets(stack));
  } finally {
    await stack.stop();
  }
}, 60_000);

function countersign(args: string[]): Promise<Ended> {
  const main = join(packageRoot(), 'dist', 'cli', 'main.js');
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...args, '--data', stack.dataFolder, '--as', coordinator], {
      env: { ...process.env, NO_COLOR: '1' },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('exit', (code) => resolve({ code: code ?? -1, out, err }));
  });
}

async function recordsOf(run: string): Promise<AuditRecord[]> {
  const { body } = await stack.api<{ records: AuditRecord[] }>(coordinator, 'GET', `/runs/${run}/audit`);
  return body.records;
}

const verdictOf = async (run: string) =>
  (await stack.api<Verdict>(coordinator, 'GET', `/runs/${run}/audit/verify`)).body;

describe('The evidence of a run', () => {
  let run: string;
  let key: string;

  beforeAll(async () => {
    ({ run, key } = await stack.startRun({ givenName: 'Ida', familyName: 'Holm', licence: 'SPE_E5' }));
    await stack.gate(run);
    // Somebody who was not asked, before the manager.
    await stack.vote(run, coordinator);
    await stack.vote(run, manager);
    await stack.waitFor(run, ['parked']);
    stack.stack.parts.worker.kill('SIGKILL');
    const input = { user: 'ida.holm@example.com', license: 'SPE_E3' };
    const retried = await stack.api(coordinator, 'POST', `/runs/${run}/steps/licence/retry`, {
      with: input,
      comment: 'enough for the first year',
    });
    expect(retried.status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 300));
    stack.stack.parts.worker.kill('SIGKILL');
    // Another licence than the manager signed: they are asked again.
    expect(retried.body).toMatchObject({ applied: [], proposed: ['licence'] });
    expect((await stack.vote(run, manager)).status).toBe(200);
    await stack.waitFor(run, ['succeeded'], 90_000);
  }, 180_000);

  it('verifies although its worker was killed twice', async () => {
    const verdict = await verdictOf(run);
    expect(verdict.findings).toEqual([]);
    expect(verdict).toMatchObject({
      intact: true,
      signatures: 'checked',
      counts: { votes: 2, commands: 1 },
    });
    const { code, out } = await countersign(['audit', 'verify', run]);
    expect(out).toMatch(
      /^Verified: \d+ records, chain unbroken from 20\S+ to 20\S+; 2 votes, 1 command, \d+ actions agree with the journal\.\n/,
    );
    expect(code).toBe(0);
  });

  it('says who started it, who asked for what, and what became of it', async () => {
    const records = await recordsOf(run);
    const [started] = records.filter(({ kind }) => kind === 'run.started');
    expect(started).toMatchObject({
      actor: (await stack.run(run)).requester,
      data: { cause: 'ticket', ticket: `jira:${key}`, runbook: 'new-hire' },
    });
    const told = records.filter(({ kind }) => /^(vote|command)\./.test(kind));
    expect(told.map(({ kind, actor }) => [kind, actor])).toEqual([
      ['vote.requested', coordinator],
      ['vote.refused', coordinator],
      ['vote.requested', manager],
      ['vote.accepted', manager],
      ['command.requested', coordinator],
      ['command.accepted', coordinator],
      ['vote.requested', manager],
      ['vote.accepted', manager],
    ]);
    expect(told[1]?.data.reason).toContain('was not asked to sign');
    const gate = records.find(({ kind }) => kind === 'gate.opened');
    expect(told[3]?.data).toMatchObject({ decision: 'approve', hash: gate?.data.hash });
    expect(told[5]?.data).toMatchObject({ command: 'retry', comment: 'enough for the first year' });
    expect(Object.keys(told[5]?.data.with ?? {})).toEqual(['user', 'license']);
  });

  /** As the manual has them: the question, and its one command. */
  const questions = readFileSync(join(packageRoot(), 'docs', 'audit.md'), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const found = /^\| ([^|]+\?) +\| `countersign ([^`]+)`/.exec(line);
      return found ? [[found[1] ?? '', found[2] ?? ''] as const] : [];
    });
  const answers: Record<string, RegExp[]> = {
    'Who asked for it?': [/asked by {3}\S+@example\.com/],
    'Who signed what exactly?': [/Signature: /, /shown:\n +\S+/, /approved by dana\.reyes@example\.com/],
    'Who could have signed, and who could not?': [
      /rule: 1 must approve/,
      /could not sign: \S+@example\.com, who /,
    ],
    'What was done?': [/What was done\n/, /\(entra\.createUser\): done/, /called with:\n +\S/, /gave:\n +\S/],
    'When?': [/\d\d:\d\d:\d\d {2}ended: succeeded/],
    'What was changed by hand, and by whom?': [
      /What was changed by hand\n(?:.*\n)*?.*License: SPE_E5 -> SPE_E3 \(kim\.okafor@example\.com\), signed, and in force/,
    ],
    'Everything about one person in a year?': [/dana\.reyes@example\.com approves/, /was asked to sign/],
  };

  it('answers each of the auditor’s seven questions by the one command of the manual', async () => {
    expect(questions.map(([question]) => question)).toEqual(Object.keys(answers));
    for (const [question, command] of questions) {
      const args = command.replace('RUN', run).replace('EMAIL', manager).split(' ');
      const { code, out, err } = await countersign(args);
      expect([question, code, err]).toEqual([question, 0, '']);
      for (const answer of answers[question] ?? []) expect(out).toMatch(answer);
      expect(out).not.toMatch(/\$sealed|\$digest|v1\./);
    }
  });

  it('is told to nobody about another person who has no role', async () => {
    const path = `/people/${manager}/doings`;
    const other = 'nobody.special@example.com';
    expect((await stack.api(other, 'GET', path)).status).toBe(403);
    expect((await stack.api(other, 'GET', `/people/${other}/doings`)).status).toBe(200);
    const before = await stack.api<{ doings: unknown[] }>(coordinator, 'GET', `${path}?before=2020-01-01`);
    expect(before.body.doings).toEqual([]);
  });

  it('is read and printed from a file alone, and by the links of its page, with nothing sealed in it', async () => {
    const { out } = await countersign(['audit', 'export', run]);
    const file = join(stack.dataFolder, 'told.audit.json');
    writeFileSync(file, out);
    const shown = await countersign(['audit', 'show', file, '--gateway', 'http://127.0.0.1:1']);
    expect([shown.code, shown.err]).toEqual([0, '']);
    expect(shown.out).toContain('What was done');
    const [html, pdf] = [join(stack.dataFolder, 'run.html'), join(stack.dataFolder, 'run.pdf')];
    const args = ['report', file, '--html', html, '--pdf', pdf, '--gateway', 'http://127.0.0.1:1'];
    expect(await countersign(args)).toMatchObject({ code: 0, err: '' });
    expect(readFileSync(pdf).subarray(0, 5).toString()).toBe('%PDF-');
    const page = readFileSync(html, 'utf8');
    expect(page).toContain('What was asked for');
    expect(page).toContain('<dt>Password</dt><dd>sealed</dd>');
    expect(page).not.toMatch(/\$sealed|\$digest|v1\./);
    const token = readFileSync(join(stack.dataFolder, 'local-token'), 'utf8').trim();
    for (const [form, type] of [
      ['html', 'text/html'],
      ['pdf', 'application/pdf'],
    ] as const) {
      const answer = await fetch(`${stack.stack.addresses.gateway}/api/v1/runs/${run}/report.${form}`, {
        headers: { authorization: `Bearer ${token}`, 'x-countersign-as': coordinator },
      });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        200,
        expect.stringContaining(type),
      ]);
    }
  });

  it('has the beginning of every write before its end, and copies nothing that people or systems handed over', async () => {
    const records = await recordsOf(run);
    const writes = records.filter(({ data }) => data.effect === 'write');
    for (const step of ['account', 'licence', 'join', 'welcome', 'comment', 'done']) {
      const kinds = writes.filter((record) => record.step === step).map(({ kind }) => kind);
      expect({ step, first: kinds[0], last: kinds.at(-1) }).toEqual({
        step,
        first: 'action.begun',
        last: 'action.ended',
      });
    }
    const failed = writes.find(({ step, data }) => step === 'licence' && data.outcome === 'failed');
    expect(failed?.data.failure).toMatchObject({
      type: 'PermanentFailure',
      message: expect.stringContaining('There are no free units of SPE_E5'),
    });
    const text = JSON.stringify(records.filter(({ data }) => data.outcome !== 'failed'));
    expect(text).not.toContain('ida.holm@example.com');
    expect(text).not.toContain('SPE_E3');
  });

  it('is sealed with the journal when the run has ended, once', async () => {
    const ends = (await recordsOf(run)).filter(({ kind }) => kind === 'run.ended');
    expect(ends).toHaveLength(1);
    expect(ends[0]?.data).toMatchObject({
      status: 'succeeded',
      entries: (await stack.journal(run)).length,
    });
  });

  it('is shown line by line', async () => {
    const { out, code } = await countersign(['audit', 'show', run]);
    expect(code).toBe(0);
    expect(out).toContain(`started the run (ticket jira:${key})`);
    expect(out).toContain(`${manager}: approve The manager signs off, accepted`);
    expect(out).toContain(
      `${coordinator}: approve The manager signs off, refused: ${coordinator} was not asked`,
    );
    expect(out).toContain('the run ended: succeeded');
    expect(out).toContain('Signature: The manager signs off');
    expect(out).toContain('rule: 1 must approve, of dana.reyes@example.com');
    expect(out).toContain(`could not sign: ${coordinator}, who proposed this change`);
    expect(out).toMatch(/signed by dana\.reyes@example\.com, and in force from then on/);
    const json = await countersign(['audit', 'show', run, '--json']);
    expect(JSON.parse(json.out).records).toHaveLength((await recordsOf(run)).length);
  });

  it('verifies as a file too, without any key, and a changed file does not', async () => {
    const exported = await countersign(['audit', 'export', run]);
    const file = join(stack.dataFolder, 'run.audit.json');
    writeFileSync(file, exported.out);
    const whole = await countersign(['audit', 'verify', file]);
    expect(whole.out).toContain('Signatures were not checked');
    expect(whole.code).toBe(0);

    const content = JSON.parse(readFileSync(file, 'utf8')) as AuditFile;
    const vote = content.records.find(({ kind }) => kind === 'vote.accepted');
    if (!vote) throw new Error('no vote');
    vote.actor = 'eve@example.com';
    writeFileSync(file, JSON.stringify(content));
    const changed = await countersign(['audit', 'verify', file]);
    expect(changed.out).toContain(`Not verified: Record ${vote.seq} (vote.accepted, eve@example.com,`);
    expect(changed.code).toBe(1);
    const json = await countersign(['audit', 'verify', file, '--json']);
    expect(JSON.parse(json.out)).toMatchObject({ intact: false, findings: [{ record: vote.seq }] });
    expect(json.code).toBe(1);
  });

  it('that is asked for wrongly says what to do', async () => {
    for (const [args, words, code] of [
      [['verify', 'no-such.json'], 'no-such.json cannot be read', 2],
      [['verify', join(stack.dataFolder, 'stack.json')], 'is no audit file', 2],
      [['verify', 'no-such-run'], 'There is no run "no-such-run"', 1],
      [['prove', run], 'There is no `audit prove`', 2],
    ] as const) {
      const ended = await countersign(['audit', ...args]);
      expect(ended.err).toContain(words);
      expect(ended.code).toBe(code);
    }
  });

  it('that was tampered with in the database no longer verifies', async () => {
    const owner = new pg.Client({ connectionString: String(stack.stack.parts.postgres.ready.url) });
    await owner.connect();
    try {
      await owner.query('set session_replication_role = replica');
      await owner.query(
        `update audit set data = data || '{"decision": "reject"}' where run_id = $1 and kind = 'vote.accepted'`,
        [run],
      );
    } finally {
      await owner.end();
    }
    const { out, code } = await countersign(['audit', 'verify', run]);
    expect(out).toMatch(
      /^Not verified: Record \d+ \(vote\.accepted, dana\.reyes@example\.com, .*\) was changed/,
    );
    expect(code).toBe(1);
  });
});

describe('Without the database', () => {
  it('nothing is changed outside, and the run goes on when it is back', async () => {
    const { run } = await stack.startRun({ givenName: 'Una', familyName: 'Dahl' });
    expect((await stack.vote(run, manager)).status).toBe(200);
    const { postgres } = stack.stack.parts;
    await until('the account to be begun', async () =>
      (await stack.effects({ subject: 'una.dahl@example.com' })).length > 0 ? true : undefined,
    );
    await postgres.stop();
    // What has begun comes to its end; nothing new begins.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const before = (await stack.effects({ subject: 'una.dahl@example.com' })).length;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect((await stack.effects({ subject: 'una.dahl@example.com' })).length).toBe(before);
    await postgres.start();
    const ended = await stack.waitFor(run, ['succeeded', 'parked'], 90_000);
    expect(ended.status).toBe('succeeded');
    expect((await verdictOf(run)).findings).toEqual([]);
  }, 150_000);
});

describe('A command of a ticket, and one that does not fit', () => {
  it('are on record like any other', async () => {
    const { run, key } = await stack.startRun({ givenName: 'Rea', familyName: 'Lund' });
    await stack.gate(run);
    const wrong = await stack.api(coordinator, 'POST', `/runs/${run}/amend`, {
      inputs: { startDate: 'next week' },
    });
    expect(wrong.status).toBe(422);
    await stack.deliver(await stack.moved(key, 'Rejected'));
    await stack.waitFor(run, ['cancelled']);
    const commands = (await recordsOf(run)).filter(({ kind }) => kind.startsWith('command.'));
    expect(commands.map(({ kind, data }) => [kind, data.command])).toEqual([
      ['command.refused', 'amend'],
      ['command.requested', 'abort'],
      ['command.accepted', 'abort'],
    ]);
    expect(commands[0]?.data.reason).toContain('must be a date');
    expect(commands[2]?.data).toMatchObject({ ticket: true, comment: `${key} moved to Rejected` });
    expect((await verdictOf(run)).findings).toEqual([]);
  });
});
