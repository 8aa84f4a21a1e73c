#!/usr/bin/env bash
# Temporal's TypeScript SDK 1.24.0: each promise that a workflow makes takes down a stack of up to ten frames, for the query of stack
# traces, and there is no option to leave that out. The limit of `Error` counts for it too, and can be set only by a preloaded module
# (`preloadModules` of the bundler), since the SDK freezes what the sandbox shares after that.
# In a runbook of twenty writes it was a fifth of what the workflow's thread did. Replays a history, without a server.
# Fails when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --ignore-scripts --no-audit --no-fund --silent \
  @temporalio/worker@1.24.0 @temporalio/workflow@1.24.0 @temporalio/common@1.24.0
mkdir with without
for kind in with without; do
  cat > $kind/counts.js <<'JS'
let taken = 0;
let frames = 0;
Error.prepareStackTrace = (error, sites) => {
  taken += 1;
  frames += sites.length;
  return String(error);
};
exports.counts = () => ({ taken, frames });
JS
  cat > $kind/workflow.js <<'JS'
const { proxySinks } = require('@temporalio/workflow');
const { counts } = require('./counts.js');
const { report } = proxySinks();
exports.many = async function many() {
  const before = counts();
  for (let made = 0; made < 100; made += 1) await Promise.resolve();
  const after = counts();
  const taken = after.taken - before.taken;
  const each = taken === 0 ? 0 : (after.frames - before.frames) / taken;
  const stacks = taken >= 100 ? 'a stack or more' : 'less than a stack';
  const place = Object.isFrozen(Error) ? 'is frozen' : 'may be changed';
  report.say(`${stacks} for each promise, of ${each > 2 ? 'several frames' : `${each} frame`}; in the workflow Error ${place}`);
};
JS
done
echo 'Error.stackTraceLimit = 1;' >> with/counts.js
cat > replay.js <<'JS'
const { Worker, bundleWorkflowCode, Runtime, DefaultLogger } = require('@temporalio/worker');
Runtime.install({ logger: new DefaultLogger('ERROR') });
const at = (eventId, eventType, attributes) => ({ eventId: String(eventId), eventTime: '2026-01-01T00:00:00Z', eventType, ...attributes });
const history = {
  events: [
    at(1, 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED', {
      workflowExecutionStartedEventAttributes: {
        workflowType: { name: 'many' }, taskQueue: { name: 'q' }, attempt: 1,
        originalExecutionRunId: '11111111-1111-4111-8111-111111111111', firstExecutionRunId: '11111111-1111-4111-8111-111111111111',
        workflowTaskTimeout: '10s',
      },
    }),
    at(2, 'EVENT_TYPE_WORKFLOW_TASK_SCHEDULED', { workflowTaskScheduledEventAttributes: { taskQueue: { name: 'q' }, startToCloseTimeout: '10s', attempt: 1 } }),
    at(3, 'EVENT_TYPE_WORKFLOW_TASK_STARTED', { workflowTaskStartedEventAttributes: { scheduledEventId: '2', identity: 'x', requestId: 'r' } }),
    at(4, 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED', { workflowTaskCompletedEventAttributes: { scheduledEventId: '2', startedEventId: '3', identity: 'x' } }),
    at(5, 'EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED', { workflowExecutionCompletedEventAttributes: { workflowTaskCompletedEventId: '4' } }),
  ],
};
(async () => {
  for (const kind of ['without', 'with']) {
    const workflowBundle = await bundleWorkflowCode({
      workflowsPath: require.resolve(`./${kind}/workflow.js`),
      preloadModules: [require.resolve(`./${kind}/counts.js`)],
      logger: new DefaultLogger('ERROR'),
    });
    const say = { fn: (_, text) => console.log(`${kind} the limit: ${text}`), callDuringReplay: true };
    await Worker.runReplayHistory({ workflowBundle, sinks: { report: { say } } }, history);
  }
  process.exit(0);
})();
JS
cat > expected <<'TEXT'
without the limit: a stack or more for each promise, of several frames; in the workflow Error is frozen
with the limit: a stack or more for each promise, of 1 frame; in the workflow Error is frozen
TEXT
node replay.js | tee found
diff expected found
echo 'As stated above, with Temporal 1.24.0.'
