/** Failures that came before a request had left: nothing can have been done by it. */
const beforeSending = new WeakSet<Error>();

export function markNeverSent(error: unknown): void {
  if (error instanceof Error) beforeSending.add(error);
}

export function neverSent(error: unknown): boolean {
  return error instanceof Error && beforeSending.has(error);
}
