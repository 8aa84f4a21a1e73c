/** What can be called off, and who hears of it. */
export interface CancelSource {
  cancelled: boolean;
  listeners: Set<() => void>;
}

export function newSource(): CancelSource {
  return { cancelled: false, listeners: new Set() };
}

export function cancel(source: CancelSource): void {
  if (source.cancelled) return;
  source.cancelled = true;
  for (const listener of [...source.listeners]) listener();
}
