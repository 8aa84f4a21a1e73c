import { describe, expect, it } from '@jest/globals';
import { type TObject, Type } from 'typebox';
import type { Json } from '../../compiler/plan.ts';
import { Caller } from './call.ts';
import { defineAction } from './define-action.ts';
import { defineConnector } from './define-connector.ts';
import { testServices } from './testing.ts';

const action = defineAction({
  name: 'test.post',
  title: 'Post',
  description: 'Posts a text.',
  effect: 'write',
  source: 'None',
  input: Type.Object({ text: Type.String() }),
  output: Type.Object({}),
  examples: [],
  run: async () => ({}),
  preview: async ({ text }) => ({ summary: `would post "${text}"`, problems: [`"${text}" is long`] }),
});

describe('A preview', () => {
  it('tells what would be done, and nothing that was sealed or secret', async () => {
    const services = testServices({ test: { token: { $secret: 'token' } } }, { token: 'canary-credential' });
    const connector = defineConnector({
      name: 'test',
      title: 'The test system',
      settings: Type.Object({ token: Type.String() }) as TObject,
      connect: (settings) => settings,
      actions: [action],
    });
    const text: Json = {
      $text: ['Password ', { $sealed: services.seal.seal('canary-password') }, ', ', { $secret: 'token' }],
    };
    const call = { run: 'r', runbook: 'new-hire', step: 'post' };
    const attempt = { signal: new AbortController().signal, timeoutMs: 5_000 };
    const preview = await new Caller(connector, services).preview(action as never, { text }, call, attempt);
    expect(preview?.summary).toMatch(/^would post "Password .+"$/);
    expect(JSON.stringify(preview)).not.toContain('canary');
  });
});
