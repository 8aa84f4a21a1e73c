/** How work can end otherwise than well: in the run's own messages, and in what its batches give back. */

export interface Failure {
  message: string;
  /** `PermanentFailure`, `RateLimited`, `RetryableFailure`, `Timeout`, `ExpressionFailure`. */
  type: string;
  requestId?: string;
}

/** What a run cannot settle by itself, and names for a person: a write whose outcome is not known, work not taken back. */
export interface Left {
  step: string;
  title: string;
  why: string;
}
