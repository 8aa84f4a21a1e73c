/**
 * How an action fails. The kit turns each into the engine's terms; anything else that is thrown counts as retryable.
 * Messages are read by a coordinator: the service's own words, the request id, never a credential.
 */

interface Details {
  /** The service's id for the request, for its support. */
  requestId?: string;
  /** HTTP or protocol status. */
  status?: number;
  cause?: unknown;
}

/** It may work if tried again: the network, a 5xx, a service that is still catching up. */
export class RetryableFailure extends Error {
  override readonly name: string = 'RetryableFailure';
  readonly details: Details;
  /** Milliseconds to wait before the next attempt, if the service said. */
  readonly retryAfterMs: number | undefined;
  constructor(message: string, details: Details = {}, retryAfterMs?: number) {
    super(message, { cause: details.cause });
    this.details = details;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The service asked to be called less often. */
export class RateLimited extends RetryableFailure {
  override readonly name = 'RateLimited';
}

/** Trying again will not help: somebody must change something. */
export class PermanentFailure extends Error {
  override readonly name: string = 'PermanentFailure';
  readonly details: Details;
  constructor(message: string, details: Details = {}) {
    super(message, { cause: details.cause });
    this.details = details;
  }
}
