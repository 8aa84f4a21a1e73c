import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../plan/plan.ts';
import { withoutSealed } from '../../presentation/sealed.ts';
import { Seal } from '../../vault/seal.ts';
import { openedFor, withSealed } from './sealed.ts';

const seal = new Seal({ current: 'k', keys: { k: Buffer.alloc(32, 1) } });
const token = seal.seal('canary');

describe('what leaves the gateway', () => {
  it('says of a sealed value that it is one, wherever it stands', () => {
    expect(withoutSealed({ a: [{ b: { $sealed: token } }], c: 'text', d: null, e: 1 })).toEqual({
      a: [{ b: { $sealed: true } }],
      c: 'text',
      d: null,
      e: 1,
    });
  });

  it('names no secret', () => {
    expect(withoutSealed({ with: { password: { $secret: 'mailPassword' } } })).toEqual({
      with: { password: { $sealed: true } },
    });
  });

  it('keeps the rest of a text with a sealed part in it', () => {
    const text = { $text: ['The PIN is ', { $sealed: token }, ' for ', { $secret: 'door' }, '.'] };
    expect(withoutSealed({ text })).toEqual({ text: 'The PIN is (sealed) for (sealed).' });
  });

  it('leaves dates as they are', () => {
    const at = new Date(0);
    expect(JSON.stringify(withoutSealed({ at }))).toBe(JSON.stringify({ at }));
  });
});

describe('what somebody hands in who was shown sealed parts', () => {
  const text = { $text: ['Bearer ', { $secret: 'door' }] };
  const input = { pin: { $sealed: token }, header: text, list: [{ $sealed: token }, 'b'], host: 'web-1' };

  it('goes on with those parts where they were left as they were shown', () => {
    const shown = withoutSealed(input) as JsonObject;
    expect(withSealed({ ...shown, host: 'web-2' }, input)).toEqual({ ...input, host: 'web-2' });
    expect(withSealed({ pin: '1234', list: ['a'] }, input)).toEqual({ pin: '1234', list: ['a'] });
  });

  it('is refused where a sealed part was changed, or moved to where none was', () => {
    expect(() => withSealed({ header: 'Basic (sealed)' }, input)).toThrow('has a sealed part in it');
    expect(() => withSealed({ host: { $sealed: true } }, input)).toThrow('can only stay where it was');
    expect(() => withSealed({ pin: { $sealed: token } }, input)).toThrow('can only stay where it was');
  });
});

describe('a change of a sealed value', () => {
  it('leaves as that it changed, or did not, and passes a second time as it is', () => {
    const before = { pin: seal.sealed('1234'), name: 'a' };
    const after = { pin: seal.sealed('9999', before.pin), name: 'a' };
    const shown = withoutSealed({ path: 'steps.x.with', before, after });
    expect(shown).toEqual({
      path: 'steps.x.with',
      before: { pin: { $sealed: true }, name: 'a' },
      after: { pin: { $sealed: true, $compared: 'changed' }, name: 'a' },
    });
    expect(withoutSealed(shown)).toEqual(shown);
    const again = { ...after, pin: seal.sealed('1234', before.pin) };
    expect(JSON.stringify(withoutSealed({ before, after: again }))).toContain('unchanged');
  });
});

describe('a sealed input', () => {
  const inputs = { pin: { $sealed: token }, host: 'web-1' };
  const plan = {
    inputs: {
      pin: {
        schema: {},
        required: true,
        sensitive: true as const,
        visibleTo: ['role:hr', 'Boss@example.com'],
      },
      host: { schema: {}, required: true },
    },
  };
  const open = (id: string, roles: string[], by = seal) => openedFor({ id, roles }, inputs, plan, by);

  it('is opened for those whom the runbook lets see it, by role and by address', () => {
    expect(open('a@example.com', ['hr'])).toEqual({ pin: 'canary', host: 'web-1' });
    expect(open('boss@example.com', [])).toEqual({ pin: 'canary', host: 'web-1' });
  });

  it('stays sealed for everybody else, and where its key is gone', () => {
    expect(open('a@example.com', ['it'])).toEqual(inputs);
    const other = new Seal({ current: 'n', keys: { n: Buffer.alloc(32, 2) } });
    expect(open('a@example.com', ['hr'], other)).toEqual(inputs);
    expect(openedFor({ id: 'a@example.com', roles: ['hr'] }, inputs, undefined, seal)).toEqual(inputs);
  });
});
