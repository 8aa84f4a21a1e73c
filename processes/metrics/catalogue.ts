/** Every metric that gateway and worker have. The dashboard, the alerts and the manual name no other. */

export interface Metric {
  kind: 'counter' | 'gauge' | 'histogram';
  /** What it counts, for people. */
  help: string;
  labels: readonly string[];
  /** Of which process. */
  of: 'worker' | 'gateway';
}

export const metrics = {
  countersign_runs_started_total: counter('worker', 'Runs that began', 'runbook'),
  countersign_runs_ended_total: counter('worker', 'Runs that ended', 'runbook', 'status'),
  countersign_steps_total: counter('worker', 'What became of steps', 'runbook', 'outcome'),
  countersign_gates_total: counter('worker', 'What became of approvals', 'runbook', 'outcome'),
  countersign_action_attempts_total: counter(
    'worker',
    'Attempts of actions that ended',
    'connector',
    'action',
    'outcome',
  ),
  countersign_action_retries_total: counter('worker', 'Attempts after the first', 'connector', 'action'),
  countersign_action_seconds: histogram('worker', 'How long an attempt took', 'connector'),
  countersign_limit_wait_seconds: histogram(
    'worker',
    'How long a call waited for its connector’s limit',
    'connector',
  ),
  countersign_pruned_total: counter('worker', 'What went by retention', 'what'),
  countersign_worker_healthy: gauge('worker', 'Whether database and Temporal work, as the worker sees them'),
  countersign_runs_live: gauge('gateway', 'Runs that have not ended', 'status'),
  countersign_waiting: gauge('gateway', 'Steps that wait', 'kind'),
  countersign_waiting_oldest_seconds: gauge('gateway', 'How long the oldest of them has waited', 'kind'),
  countersign_deliveries_total: counter('gateway', 'What became of deliveries', 'system', 'outcome'),
  countersign_deliveries_unsettled: gauge('gateway', 'Deliveries that were kept and not yet handled'),
  countersign_deliveries_oldest_seconds: gauge('gateway', 'How old the oldest of them is'),
  countersign_outbox_unsent: gauge('gateway', 'Mails that are not sent yet'),
  countersign_outbox_oldest_seconds: gauge('gateway', 'How old the oldest of them is'),
  countersign_audit_unsent: gauge('gateway', 'Runs with audit records that are not sent yet'),
  countersign_audit_unsent_oldest_seconds: gauge('gateway', 'How long the oldest of them has waited'),
  countersign_runbooks_held: gauge('gateway', 'Whether the newest commit of the runbooks cannot be used'),
  countersign_runbooks_unread: gauge('gateway', 'Whether the branch of the runbooks cannot be read'),
  countersign_gateway_healthy: gauge(
    'gateway',
    'Whether database and Temporal work, as the gateway sees them',
  ),
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;

function counter(of: Metric['of'], help: string, ...labels: string[]) {
  return { kind: 'counter' as const, of, help, labels };
}

function gauge(of: Metric['of'], help: string, ...labels: string[]) {
  return { kind: 'gauge' as const, of, help, labels };
}

function histogram(of: Metric['of'], help: string, ...labels: string[]) {
  return { kind: 'histogram' as const, of, help, labels };
}
