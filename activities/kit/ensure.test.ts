import { describe, expect, it } from '@jest/globals';
import type { ActionContext } from './define-action.ts';
import { type Ensured, ensure, foundByBoth } from './ensure.ts';

interface Keys {
  held: string[];
}
type Parts = Ensured<{ user: string }, undefined, Keys, { taken: string[]; refused: string[] }, string[]>;

/** Takes keys from people: the desk refuses those in `refuses`, and tells of each it takes. */
function taking(desk: { held: string[]; refuses?: string[] }, more: Partial<Parts> = {}) {
  return ensure<{ user: string }, undefined, Keys, { taken: string[]; refused: string[] }, string[]>({
    look: async () => ({ held: [...desk.held] }),
    isDone: ({ held }) => held.length === 0,
    change: async ({ held }) => {
      desk.held = desk.held.filter((key) => desk.refuses?.includes(key) || !held.includes(key));
      return [...desk.held];
    },
    output: ({ before, now, changed: refused = [] }) => ({
      taken: foundByBoth(before.held, now.held, (key) => key).filter((key) => !refused.includes(key)),
      refused,
    }),
    words: {
      done: (_, { user }) => `${user} has no key`,
      would: (state, { user }) => `would take ${state?.held.join(', ')} from ${user}`,
    },
    ...more,
  });
}

/** What the first attempt found is what all of them are told. */
function contextOf(memory: { found?: unknown } = {}): ActionContext<undefined> {
  return {
    rememberBeforeWrite: async (look: () => Promise<unknown>) => {
      memory.found ??= await look();
      return memory.found;
    },
  } as ActionContext<undefined>;
}

const robin = { user: 'robin' };

describe('An action made of one look and one change', () => {
  it('names all that its attempts did, also what was there only for the last one', async () => {
    const desk = { held: ['front', 'lab'] };
    const memory = {};
    const action = taking(desk, {
      change: async () => {
        desk.held = ['cellar'];
        throw new Error('the answer was lost');
      },
    });
    await expect(action.run(robin, contextOf(memory))).rejects.toThrow('the answer was lost');
    expect(await taking(desk).run(robin, contextOf(memory))).toEqual({
      taken: ['front', 'lab', 'cellar'],
      refused: [],
    });
    expect(desk.held).toEqual([]);
  });

  it('is read back as done where all that is left is what it said it was refused', async () => {
    const desk = { held: ['front', 'lab'], refuses: ['lab'] };
    const action = taking(desk, {
      tookHold: ({ held }, { refused }) => held.every((key) => refused.includes(key)),
    });
    const output = await action.run(robin, contextOf());
    expect(output).toEqual({ taken: ['front'], refused: ['lab'] });
    expect(await action.verify?.(robin, contextOf(), output)).toBe(true);
    expect(await action.verify?.(robin, contextOf())).toBe(false);
    desk.held.push('cellar');
    expect(await action.verify?.(robin, contextOf(), output)).toBe(false);
  });

  it('asks for what looks done already only where it says so', async () => {
    const asked: string[] = [];
    const change = async () => {
      asked.push('asked');
      return [];
    };
    await taking({ held: [] }, { change }).run(robin, contextOf());
    expect(asked).toEqual([]);
    await taking({ held: [] }, { change, evenIfDone: true }).run(robin, contextOf());
    expect(asked).toEqual(['asked']);
  });

  it('is not read back where it only begins something', () => {
    expect(taking({ held: [] }, { begins: true }).verify).toBeUndefined();
  });

  it('shows what a person should know before they sign, also where there is nothing to do', async () => {
    const words = {
      done: () => 'done',
      would: () => 'would',
      warnings: () => ['robin has left'],
    };
    expect(await taking({ held: [] }, { words }).preview(robin, contextOf())).toEqual({
      summary: 'done',
      nothingToDo: true,
      problems: ['robin has left'],
    });
    const problem = () => 'the desk is closed';
    expect(await taking({ held: ['lab'] }, { words, problem }).preview(robin, contextOf())).toEqual({
      summary: 'would',
      problems: ['the desk is closed', 'robin has left'],
    });
    await expect(taking({ held: ['lab'] }, { problem }).run(robin, contextOf())).rejects.toThrow(
      'the desk is closed',
    );
  });
});
