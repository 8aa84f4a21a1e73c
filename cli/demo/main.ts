/**
 * The main job, watched: a ticket moves to Approved, the manager is asked and signs, the worker is killed on the way, and at
 * the end the stand-ins' own log says that everything happened once. Exits 0 only if it does.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import colors from 'picocolors';
import type { Effect } from '../../sandbox/effects.ts';
import type { JiraDelivery } from '../../sandbox/jira/delivery.ts';
import type { Mail } from '../../sandbox/smtp/server.ts';
import { packageRoot } from '../../store/package-root.ts';
import type { Gate, JournalEntry } from '../../workflows/messages.ts';
import { Api } from '../api-client.ts';
import { follow } from '../commands/follow.ts';
import { shownText } from '../commands/vote.ts';
import { type Stack, startStack } from '../dev/stack.ts';

const ticket = 'HR-101';
const manager = 'dana.reyes@example.com';
const coordinator = 'kim.okafor@example.com';
const newHire = 'ada.lind@example.com';
/** Only this machine's stand-in for Jira and its gateway know it. */
const webhookSecret = 'demo-webhook-secret';

/** What must have happened, each exactly once. */
const expected: { what: string; system: string; effect: string; subject: string; count: number }[] = [
  { what: 'user created', system: 'graph', effect: 'user.created', subject: newHire, count: 1 },
  { what: 'licence assigned', system: 'graph', effect: 'license.assigned', subject: newHire, count: 1 },
  { what: 'memberships added', system: 'graph', effect: 'member.added', subject: newHire, count: 3 },
  { what: 'welcome mail delivered', system: 'smtp', effect: 'mail.delivered', subject: manager, count: 1 },
  { what: 'comment on the ticket', system: 'jira', effect: 'comment.added', subject: ticket, count: 1 },
  { what: 'ticket moved to Done', system: 'jira', effect: 'issue.transitioned', subject: ticket, count: 1 },
];

process.exitCode = await demo();

async function demo(): Promise<number> {
  const dataFolder = join(packageRoot(), '.countersign', 'demo');
  rmSync(dataFolder, { recursive: true, force: true });
  mkdirSync(dataFolder, { recursive: true });
  heading('Starting Countersign on this machine, with stand-ins for Entra ID, Jira and mail');
  const stack = await startStack({
    dataFolder,
    runbooks: join(packageRoot(), 'runbooks'),
    configuration: join(packageRoot(), 'countersign.yaml'),
    // Slow enough to watch, and to be killed in the middle.
    sandboxLatencyMs: 150,
    environment: { JIRA_WEBHOOK_SECRET: webhookSecret },
    log: (part, line) => {
      // What the gateway answers is shown where it is asked.
      if (!line.startsWith('Jira delivery')) console.log(`  ${colors.dim(part.padEnd(9))} ${line}`);
    },
  }).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    return undefined;
  });
  if (!stack) return 3;
  try {
    return await play(stack, dataFolder);
  } finally {
    await stack.stop();
  }
}

async function play(stack: Stack, dataFolder: string): Promise<number> {
  const api = await Api.connect({ gateway: stack.addresses.gateway, data: dataFolder, as: coordinator });

  heading(`In Jira, somebody moves ${ticket} to Approved; Jira tells us three times, as it may`);
  const delivery = await sandbox<JiraDelivery>(stack, 'POST', '/_sandbox/jira/move', {
    key: ticket,
    to: 'Approved',
    secret: webhookSecret,
  });
  let run = '';
  for (let times = 0; times < 3; times += 1) {
    const answer = await deliver(stack, delivery);
    console.log(
      `  ${answer.status} ${answer.outcome}${answer.run ? `: run ${answer.run}` : ''}${answer.reason ? ` (${answer.reason})` : ''}`,
    );
    run ||= answer.run ?? '';
  }
  if (!run) return 1;

  heading('The run goes as far as the gate');
  let seen = await follow(
    api,
    run,
    undefined,
    (entry) => entry.kind === 'gate.opened' || entry.kind === 'run.ended',
  );

  heading('What the manager sees');
  const gate = await api.get<Gate>(`/runs/${run}/steps/signoff/gate`);
  console.log(indent(shownText(gate)));
  const mails = await sandbox<Mail[]>(stack, 'GET', '/_sandbox/mails');
  const mail = mails.find((each) => each.to === manager);
  if (mail) console.log(`\n  and by mail: "${mail.subject}"`);

  heading(`${manager} signs`);
  await (await Api.connect({ gateway: stack.addresses.gateway, data: dataFolder, as: manager })).post(
    `/runs/${run}/steps/signoff/vote`,
    { decision: 'approve', hash: gate.hash, comment: 'Welcome aboard' },
  );

  heading('The steps after the gate, with the worker killed in the middle of them');
  let killed = false;
  seen = await follow(
    api,
    run,
    (entry) => {
      if (killed || !startsStep(entry, 'licence')) return;
      killed = true;
      console.log(colors.red(`  kill -9 ${stack.parts.worker.pid}  (the worker, in the middle of a step)`));
      stack.parts.worker.kill('SIGKILL');
    },
    (entry) => entry.kind === 'run.ended' || entry.kind === 'step.parked',
    seen,
  );
  return conclude(stack, run, killed);
}

async function conclude(stack: Stack, run: string, killed: boolean): Promise<number> {
  heading('What really happened, by the stand-ins’ own log');
  let right = killed;
  if (!killed) console.log(colors.red('  the worker was not killed on the way'));
  for (const { what, system, effect, subject, count } of expected) {
    const effects = await sandbox<Effect[]>(
      stack,
      'GET',
      `/_sandbox/effects?system=${system}&effect=${effect}&subject=${subject}`,
    );
    const found = effects.filter((each) => isOfRun(each)).length;
    const ok = found === count;
    right &&= ok;
    console.log(
      `  ${ok ? colors.green('✓') : colors.red('✗')} ${what}: ${found}${ok ? '' : ` (should be ${count})`}`,
    );
  }
  console.log(
    right
      ? colors.green(`\nProof: run ${run} survived the kill; each effect happened exactly once.`)
      : colors.red(`\nNot proven: run ${run} did not do everything exactly once.`),
  );
  return right ? 0 : 1;
}

/** The mails that ask for the signature, and the move to Approved that started it all, are not the run's effects. */
function isOfRun(effect: Effect): boolean {
  if (effect.effect === 'mail.delivered') {
    const { mail } = effect.detail as { mail: Mail };
    return !mail.subject.startsWith('Please sign');
  }
  return effect.effect !== 'issue.transitioned' || effect.detail?.to === 'Done';
}

function startsStep(entry: JournalEntry, step: string): boolean {
  return entry.kind === 'step.started' && entry.step === step;
}

async function deliver(stack: Stack, delivery: JiraDelivery) {
  const response = await fetch(`${stack.addresses.gateway}/hooks/jira`, {
    method: 'POST',
    headers: delivery.headers,
    body: delivery.body,
  });
  const answer = (await response.json()) as {
    outcome?: string;
    run?: string;
    reason?: string;
    detail?: string;
  };
  return {
    status: response.status,
    outcome: answer.outcome ?? answer.detail,
    run: answer.run,
    reason: answer.reason,
  };
}

async function sandbox<T>(stack: Stack, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${stack.addresses.sandbox}${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`The stand-ins answered ${response.status} to ${path}.`);
  return (await response.json()) as T;
}

function heading(text: string): void {
  console.log(`\n${colors.bold(text)}`);
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
