import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';

/** Temporal's own logs say nothing unless something is wrong: what runs do stands in their journals. Once a process, first. */
export function quietTemporalLog(): void {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }), forward: {} },
    },
  });
}

/** Lets the process end: a runtime that was installed keeps it alive, and takes the signals that would end it. */
export async function endTemporalRuntime(): Promise<void> {
  await Runtime.instance().shutdown();
}
