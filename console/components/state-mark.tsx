/** Small pictures of how a step or a run stands. Words always stand beside them, so they are hidden from readers. */
import type { RunStatus } from '../api/types.ts';
import type { StepState } from '../lib/timeline.ts';

export type Mark = StepState | RunStatus;

const shapes: Partial<Record<Mark, { tone: string; path: string; filled?: true }>> = {
  done: { tone: 'good', path: 'M5 8.2l2.1 2.1L11.2 6' },
  succeeded: { tone: 'good', path: 'M5 8.2l2.1 2.1L11.2 6' },
  waiting: { tone: 'attention', path: 'M8 4.8V8l2.2 1.6' },
  parked: { tone: 'danger', path: 'M8 4.6v4M8 11.2v.2', filled: true },
  paused: { tone: 'attention', path: 'M6.6 5.4v5.2M9.4 5.4v5.2' },
  skipped: { tone: 'quiet', path: 'M5 8h6' },
  failed: { tone: 'danger', path: 'M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4' },
  rejected: { tone: 'danger', path: 'M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4' },
  expired: { tone: 'attention', path: 'M8 4.8V8l2.2 1.6' },
  stopped: { tone: 'quiet', path: 'M6 6h4v4H6z' },
  cancelled: { tone: 'quiet', path: 'M6 6h4v4H6z' },
  undone: { tone: 'quiet', path: 'M10.8 10.6c0-3-1.6-3.8-5-3.8M7.6 4.9L5.6 6.8l2 1.9' },
  undoing: { tone: 'attention', path: 'M10.8 10.6c0-3-1.6-3.8-5-3.8M7.6 4.9L5.6 6.8l2 1.9' },
};

export function StateMark({ state }: { state: Mark }) {
  if (state === 'running') {
    return (
      <svg className="mark accent spinning" viewBox="0 0 16 16" aria-hidden="true">
        <circle className="track" cx="8" cy="8" r="6.5" />
        <path d="M8 1.5a6.5 6.5 0 0 1 6.5 6.5" />
      </svg>
    );
  }
  const { tone, path, filled } = shapes[state] ?? { tone: 'faint', path: '' };
  return (
    <svg className={`mark ${tone} ${filled ? 'filled' : ''}`} viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="6.5" />
      {path && <path d={path} />}
    </svg>
  );
}
