/** What a page shows of the API: loaded once, again on demand, and followed live. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { get } from '../api/client.ts';
import { lookAgain } from '../api/connection.ts';

export interface Loaded<T> {
  data: T | undefined;
  /** Why the last attempt failed; what was loaded before stays. */
  error: unknown;
  loading: boolean;
  reload: () => void;
}

/** GETs the path, and again whenever it changes, whoever asks reloads, or the connection comes back. */
export function useLoaded<T>(path: string | undefined): Loaded<T> {
  const [state, setState] = useState<{ path?: string; data?: T; error?: unknown }>({});
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((count) => count + 1), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each round asks again.
  useEffect(() => {
    if (path === undefined) return;
    const stop = new AbortController();
    get<T>(path, stop.signal).then(
      (data) => setState({ path, data }),
      (error: unknown) => {
        if (stop.signal.aborted) return;
        setState((before) => (before.path === path ? { ...before, error } : { path, error }));
      },
    );
    return () => stop.abort();
  }, [path, round]);
  useEffect(() => {
    const onShown = () => document.visibilityState === 'visible' && reload();
    addEventListener(lookAgain, reload);
    document.addEventListener('visibilitychange', onShown);
    return () => {
      removeEventListener(lookAgain, reload);
      document.removeEventListener('visibilitychange', onShown);
    };
  }, [reload]);
  const current = state.path === path ? state : {};
  return {
    data: current.data,
    error: current.error,
    loading: path !== undefined && current.data === undefined && current.error === undefined,
    reload,
  };
}

const reopenMs = 5_000;
const pollMs = 15_000;

/**
 * Follows Server-Sent Events under /api/v1 while `pathOf` gives a path. Where no stream can be had (a proxy may not let
 * it through), `onSilence` is called every few seconds instead.
 */
export function useStream(
  pathOf: (() => string) | undefined,
  on: Record<string, (data: unknown) => void>,
  onSilence: () => void,
): void {
  const handlers = useRef({ on, onSilence, pathOf });
  handlers.current = { on, onSilence, pathOf };
  const names = Object.keys(on).join(' ');
  const wanted = pathOf !== undefined;
  useEffect(() => {
    if (!wanted) return;
    let source: EventSource | undefined;
    let again: ReturnType<typeof setTimeout> | undefined;
    let open = false;
    const close = () => {
      clearTimeout(again);
      source?.close();
      open = false;
    };
    const connect = () => {
      close();
      const path = handlers.current.pathOf?.();
      // A browser has six connections to the gateway for all its tabs: those that nobody looks at hold none.
      if (!path || document.visibilityState === 'hidden') return;
      const opened = new EventSource(`/api/v1${path}`);
      source = opened;
      opened.onopen = () => {
        open = true;
      };
      opened.onerror = () => {
        open = false;
        // The browser tries again by itself, unless it was told no.
        if (opened.readyState === EventSource.CLOSED) again = setTimeout(connect, reopenMs);
      };
      for (const name of names.split(' ')) {
        opened.addEventListener(name, (event) => {
          const text = (event as MessageEvent<string>).data;
          handlers.current.on[name]?.(text ? JSON.parse(text) : undefined);
        });
      }
    };
    connect();
    document.addEventListener('visibilitychange', connect);
    const poll = setInterval(() => {
      if (!open && document.visibilityState === 'visible') handlers.current.onSilence();
    }, pollMs);
    return () => {
      close();
      document.removeEventListener('visibilitychange', connect);
      clearInterval(poll);
    };
  }, [wanted, names]);
}

/** Calls `act` once things have been quiet for `ms`. */
export function useSettled(act: () => void, ms: number): () => void {
  const latest = useRef(act);
  latest.current = act;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(() => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => latest.current(), ms);
  }, [ms]);
}

/** The time, every few seconds, for words such as "5 minutes ago". */
export function useNow(everyMs = 15_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
