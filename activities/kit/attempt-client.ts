/** A client of an outside system. One serves the whole process; every attempt of an action gets one that is bound to it. */
export abstract class AttemptClient {
  /** Aborted when the attempt's run is cancelled, its time is over or the worker shuts down. Goes with every request. */
  readonly signal: AbortSignal = new AbortController().signal;

  /** The same client, whose requests end with this signal. What it keeps (tokens, what it looked up) is shared. */
  for(signal: AbortSignal): this {
    return Object.assign(Object.create(Object.getPrototypeOf(this)), this, { signal });
  }
}
