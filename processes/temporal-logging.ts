import {
  DefaultLogger,
  type LogEntry,
  makeTelemetryFilterString,
  Runtime,
  type TelemetryOptions,
} from '@temporalio/worker';

/** How long nobody needs to hear again of the same fault in the same run: Temporal tries it again and again. */
const silentMs = 3_600_000;

/** Temporal's own logs say nothing unless something is wrong: what runs do stands in their journals. Once a process, first. */
export function quietTemporalLog(metrics?: TelemetryOptions['metrics'], say?: (line: string) => void): void {
  Runtime.install({
    logger: new DefaultLogger('WARN', onlyFaults(say)),
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} },
      ...(metrics ? { metrics } : {}),
    },
  });
}

/** Lets the process end: a runtime that was installed keeps it alive, and takes the signals that would end it. */
export async function endTemporalRuntime(): Promise<void> {
  await Runtime.instance().shutdown();
}

/** Errors, and of the warnings those that a run cannot go on: nobody else says it, since the run itself can say nothing more. */
export function onlyFaults(
  say: (line: string) => void = (line) => console.error(line),
  now: () => number = Date.now,
): (entry: LogEntry) => void {
  const errors = new DefaultLogger('ERROR');
  const said = new Map<string, number>();
  return ({ level, message, meta }) => {
    if (level === 'ERROR') return errors.log(level, message, meta);
    const fault = faultIn(message, meta ?? {});
    if (!fault) return;
    const key = `${fault.run} ${fault.why}`;
    if (now() - (said.get(key) ?? Number.NEGATIVE_INFINITY) < silentMs) return;
    said.set(key, now());
    say(`Run ${fault.run} cannot go on: ${fault.why} Temporal tries it again until it can.`);
  };
}

interface Fault {
  run: string;
  why: string;
}

/** Of the SDK, which has the error, and of its core, which has it as text: it alone knows of a replay that went another way. */
function faultIn(message: string, { runId, error, failure }: Record<string, unknown>): Fault | undefined {
  if (message !== 'Workflow failed' && message !== 'Failing workflow task') return undefined;
  const [, text] = /message: "((?:[^"\\]|\\.)*)"/.exec(String(failure)) ?? [];
  const why =
    error instanceof Error ? error.message : (text ?? String(failure ?? error)).replaceAll('\\"', '"');
  return { run: String(runId), why: /[.!?]$/.test(why) ? why : `${why}.` };
}
