/**
 * What every long-running part of Countersign does the same way: it says on stdout, in one JSON line, that it is ready; it
 * ends cleanly on SIGTERM and SIGINT; and it ends when the supervisor that started it is gone.
 */
import { errorText } from '../plan/error-text.ts';
export interface Part {
  /** What the supervisor needs to know: addresses, process ids. */
  ready: Record<string, unknown>;
  stop(): Promise<void>;
  /** How long that may take, where it is longer than usual. */
  stopsWithinMs?: number;
  /** Settles when the part can no longer do its work. */
  ended?: Promise<unknown>;
}

/** Longest time a part may take to stop before it is ended. */
export const usualStopMs = 8_000;

export async function runPart(name: string, start: () => Promise<Part>): Promise<void> {
  let part: Part | undefined;
  let stopping = false;
  const stop = async (code: number) => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(code), part?.stopsWithinMs ?? usualStopMs).unref();
    await part?.stop().catch((error: unknown) => console.error(`${name}: ${describe(error)}`));
    process.exit(code);
  };
  // From the first moment on: a start may take minutes, and its supervisor may be gone before.
  process.on('SIGTERM', () => void stop(0));
  process.on('SIGINT', () => void stop(0));
  process.on('disconnect', () => void stop(0));
  try {
    part = await start();
  } catch (error) {
    console.error(`${name}: ${describe(error)}`);
    process.exit(3);
  }
  void part.ended?.then(
    () => stop(1),
    (error: unknown) => {
      console.error(`${name}: ${describe(error)}`);
      void stop(1);
    },
  );
  console.log(JSON.stringify({ ready: true, ...part.ready }));
}

function describe(error: unknown): string {
  if (process.env.DEBUG?.includes('countersign') && error instanceof Error)
    return error.stack ?? error.message;
  return errorText(error);
}
