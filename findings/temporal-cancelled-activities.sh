#!/usr/bin/env bash
# Activities that Temporal (server of the CLI 1.5.1, TypeScript SDK 1.24.0) was asked to cancel:
#   without cancellationType the call is given up at once (TRY_CANCEL), though the SDK's documentation names
#     WAIT_CANCELLATION_COMPLETED as the default: the activity goes on, and the workflow never learns how it ended;
#   with WAIT_CANCELLATION_COMPLETED an activity that completes all the same gives its result, without any sign of the request;
#   an activity whose worker is lost is tried again by its retry policy, but not once its cancellation was asked for, even where
#     the workflow waits for its end: what it was doing stays half done, told as a missed heartbeat.
# Countersign therefore says the type, and finishes such a write itself. Fails when the behaviour changes.
# Builds the CLI with Go, which takes minutes the first time.
set -euo pipefail
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
GOBIN="$folder" go install github.com/temporalio/cli/cmd/temporal@v1.5.1
npm init -y >/dev/null
npm pkg set type=module >/dev/null
npm install --ignore-scripts --no-audit --no-fund --silent @temporalio/client@1.24.0 @temporalio/worker@1.24.0 \
  @temporalio/workflow@1.24.0 @temporalio/activity@1.24.0
port=$((20000 + RANDOM % 10000))
./temporal server start-dev --headless --port "$port" --http-port $((port + 1)) --metrics-port $((port + 2)) --log-level never >/dev/null 2>&1 &
server=$!
cat > workflows.mjs <<'JS'
import { ActivityCancellationType, CancellationScope, isCancellation, proxyActivities, sleep } from '@temporalio/workflow';
const options = { startToCloseTimeout: '60s', heartbeatTimeout: '2s', retry: { initialInterval: '100ms' } };
const plain = proxyActivities(options);
const waiting = proxyActivities({ ...options, cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED });
export async function ask({ wait, cancel, lost }) {
  const { write } = wait ? waiting : plain;
  const scope = new CancellationScope();
  const began = Date.now();
  const call = scope.run(() => write(lost));
  call.catch(() => {});
  await sleep('1s');
  if (cancel) scope.cancel();
  let outcome;
  try {
    outcome = await call;
  } catch (error) {
    const { cause } = error;
    outcome = isCancellation(error) ? 'cancelled' : `${error.name}: ${cause.name}${cause.timeoutType ? ` ${cause.timeoutType}` : ''}`;
  }
  return { outcome, early: Date.now() - began < 2500 };
}
JS
cat > worker.mjs <<'JS'
import { appendFileSync } from 'node:fs';
import { Context } from '@temporalio/activity';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
Runtime.install({ logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} } });
const connection = await NativeConnection.connect({ address: process.argv[2] });
const worker = await Worker.create({
  connection,
  taskQueue: 'q',
  workflowsPath: new URL('./workflows.mjs', import.meta.url).pathname,
  activities: {
    async write(lost) {
      const context = Context.current();
      appendFileSync('attempts', `${context.info.workflowExecution.workflowId}\n`);
      for (let beat = 0; beat < (lost && context.info.attempt === 1 ? 200 : 20); beat += 1) {
        context.heartbeat();
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      return 'written';
    },
  },
});
await worker.run();
JS
cat > ask.mjs <<'JS'
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const address = process.argv[2];
const connect = (tries = 60) =>
  Connection.connect({ address }).catch(async (error) => {
    if (tries === 0) throw error;
    await pause(1000);
    return connect(tries - 1);
  });
writeFileSync('attempts', '');
const connection = await connect();
const client = new Client({ connection });
const start = () => spawn(process.execPath, ['worker.mjs', address], { stdio: 'ignore' });
let worker = start();
const attempts = (id) => readFileSync('attempts', 'utf8').split('\n').filter((line) => line === id).length;
const run = async (id, input) => {
  const handle = await client.workflow.start('ask', { taskQueue: 'q', workflowId: id, args: [input] });
  if (input.lost) {
    while (attempts(id) === 0) await pause(50);
    // The request comes after a second; half a second later the worker is gone.
    await pause(1800);
    worker.kill('SIGKILL');
    worker = start();
  }
  const { outcome, early } = await handle.result();
  console.log(`${id}: ${outcome}, ${early ? 'at once' : 'when it ended'}, attempts ${attempts(id)}`);
};
try {
  await run('no type', { cancel: true });
  await run('waits', { wait: true, cancel: true });
  await run('waits, worker lost', { wait: true, cancel: false, lost: true });
  await run('waits, asked to cancel, worker lost', { wait: true, cancel: true, lost: true });
} finally {
  worker.kill('SIGKILL');
  await connection.close();
}
JS
cat > expected <<'TEXT'
no type: cancelled, at once, attempts 1
waits: written, when it ended, attempts 1
waits, worker lost: written, when it ended, attempts 2
waits, asked to cancel, worker lost: ActivityFailure: TimeoutFailure HEARTBEAT, when it ended, attempts 1
TEXT
node ask.mjs "127.0.0.1:$port" | tee found
diff expected found
echo 'As stated above, with the server of Temporal CLI 1.5.1 and SDK 1.24.0.'
