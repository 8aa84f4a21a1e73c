import { describe, expect, it } from '@jest/globals';
import type { RunView } from './messages.ts';
import { viewPage, wholeView } from './view-pages.ts';

function viewOf(characters: number, seq = 1): RunView {
  // Pairs of two halves, of which an answer may end between.
  return { runbook: 'r', inputs: { text: '😀'.repeat(characters / 2) }, steps: [], seq } as never;
}

/** As a query answers it: each part passes through JSON. */
function asked(views: readonly RunView[]) {
  const froms: number[] = [];
  const ask = async (from: number) => {
    const view = views[Math.min(froms.length, views.length - 1)] as RunView;
    froms.push(from);
    return JSON.parse(JSON.stringify(viewPage(view, from))) as ReturnType<typeof viewPage>;
  };
  return { froms, ask };
}

describe('What a run says of itself', () => {
  it('is one answer where that is small', async () => {
    const { froms, ask } = asked([viewOf(10)]);
    expect(await wholeView(ask)).toEqual(viewOf(10));
    expect(froms).toEqual([0]);
  });

  it('is read part by part where it is large, each small enough for Temporal', async () => {
    const view = viewOf(1_600_000);
    const { froms, ask } = asked([view]);
    expect(await wholeView(ask)).toEqual(view);
    expect(froms).toHaveLength(4);
    const [first] = froms;
    expect(JSON.stringify(viewPage(view, first)).length).toBeLessThan(1024 * 1024);
  });

  it('is read anew when it became another one meanwhile', async () => {
    const [before, after] = [viewOf(1_000_000, 1), viewOf(1_000_000, 2)];
    const { ask } = asked([before, after]);
    expect(await wholeView(ask)).toEqual(after);
  });

  it('that changes faster than it can be read fails, and says so', async () => {
    let seq = 0;
    const ask = async (from: number) => {
      seq += 1;
      return viewPage(viewOf(1_000_000, seq), from);
    };
    await expect(wholeView(ask)).rejects.toThrow('changes faster than it can be read');
  });
});
