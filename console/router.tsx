/** Addresses of pages over the browser's history. */
import { type AnchorHTMLAttributes, type MouseEvent, useSyncExternalStore } from 'react';

const changed = 'countersign:address';

export function navigate(to: string, { replace = false } = {}): void {
  const before = location.pathname;
  history[replace ? 'replaceState' : 'pushState'](null, '', to);
  if (location.pathname !== before) scrollTo(0, 0);
  dispatchEvent(new Event(changed));
}

function subscribe(listener: () => void): () => void {
  addEventListener('popstate', listener);
  addEventListener(changed, listener);
  return () => {
    removeEventListener('popstate', listener);
    removeEventListener(changed, listener);
  };
}

export function useAddress(): { path: string; query: URLSearchParams } {
  const address = useSyncExternalStore(subscribe, () => location.pathname + location.search);
  const { pathname, searchParams } = new URL(address, location.origin);
  return { path: pathname, query: searchParams };
}

interface LinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  to: string;
}

/** A link to another page of the console. A new tab or window stays the browser's affair. */
export function Link({ to, onClick, ...rest }: LinkProps) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const elsewhere = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0;
    if (event.defaultPrevented || elsewhere) return;
    event.preventDefault();
    navigate(to);
  };
  return <a href={to} onClick={follow} {...rest} />;
}

export const pathOf = {
  run: (id: string) => `/runs/${encodeURIComponent(id)}`,
  journal: (id: string) => `/runs/${encodeURIComponent(id)}/journal`,
  gate: (run: string, step: string) => `/runs/${encodeURIComponent(run)}/gates/${encodeURIComponent(step)}`,
  task: (run: string, step: string) => `/runs/${encodeURIComponent(run)}/tasks/${encodeURIComponent(step)}`,
  person: (email: string) => `/people/${encodeURIComponent(email)}`,
  delivery: (id: string) => `/deliveries/${encodeURIComponent(id)}`,
  register: (kind: string) => `/register/${kind}${kind === 'contracts' ? '?only=due' : ''}`,
  registered: (kind: string, name: string) => `/register/${kind}/${encodeURIComponent(name)}`,
  runbook: (name: string) => `/runbooks/${encodeURIComponent(name)}`,
  start: (name: string) => `/runbooks/${encodeURIComponent(name)}/start`,
  /** The start form, filled in as for a run that was. */
  again: (name: string, run: string) =>
    `/runbooks/${encodeURIComponent(name)}/start?again=${encodeURIComponent(run)}`,
};
