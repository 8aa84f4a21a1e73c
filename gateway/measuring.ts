/** What a gateway counts and looks up, and the page on which it is found. */
import { listenForMetrics, Metrics, type MetricsListener } from '../processes/metrics/metrics.ts';
import type { AuditStream } from '../store/audit/stream.ts';
import type { Lag } from '../store/lag.ts';
import type { Followed } from './git/follower.ts';

const usualPort = 9464;

interface Parts {
  lag: Lag;
  auditStream: Pick<AuditStream, 'state'>;
  source: () => Followed | undefined;
  /** Rejects with what does not work. */
  healthy(): Promise<void>;
  log: (line: string) => void;
}

export class GatewayMeasures {
  private readonly metrics: Metrics;
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
    this.metrics = new Metrics('gateway', parts.log);
  }

  delivery(system: string, outcome: string): void {
    this.metrics.count('countersign_deliveries_total', { system, outcome });
  }

  listen(): Promise<MetricsListener | undefined> {
    const { healthy } = this.parts;
    return listenForMetrics({
      metrics: this.metrics,
      at: process.env.COUNTERSIGN_METRICS,
      usualPort,
      look: () => this.look(),
      healthy,
    });
  }

  private async look(): Promise<void> {
    const { metrics, parts } = this;
    const source = parts.source();
    metrics.set('countersign_runbooks_held', source?.held ? 1 : 0);
    metrics.set('countersign_runbooks_unread', source?.trouble ? 1 : 0);
    const healthy = await parts.healthy().then(
      () => 1,
      () => 0,
    );
    metrics.set('countersign_gateway_healthy', healthy);
    const { lag, auditStream } = parts;
    const [live, waiting, deliveries, outbox, unsent] = await Promise.all([
      lag.liveRuns(),
      lag.waiting(),
      lag.deliveries(),
      lag.outbox(),
      auditStream.state(),
    ]);
    metrics.setAll(
      'countersign_runs_live',
      [...live].map(([status, value]) => ({ value, labels: { status } })),
    );
    const ofKinds = [...waiting];
    metrics.setAll(
      'countersign_waiting',
      ofKinds.map(([kind, { count }]) => ({ value: count, labels: { kind } })),
    );
    metrics.setAll(
      'countersign_waiting_oldest_seconds',
      ofKinds.map(([kind, { oldestSeconds }]) => ({ value: oldestSeconds, labels: { kind } })),
    );
    metrics.set('countersign_deliveries_unsettled', deliveries.count);
    metrics.set('countersign_deliveries_oldest_seconds', deliveries.oldestSeconds);
    metrics.set('countersign_outbox_unsent', outbox.count);
    metrics.set('countersign_outbox_oldest_seconds', outbox.oldestSeconds);
    metrics.set('countersign_audit_unsent', unsent.chains);
    metrics.set('countersign_audit_unsent_oldest_seconds', unsent.oldestSeconds);
  }
}
