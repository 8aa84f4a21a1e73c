import { describe, expect, it } from '@jest/globals';
import { type TObject, Type } from 'typebox';
import type { Json } from '../../plan/plan.ts';
import { Caller } from './call.ts';
import { defineAction } from './define-action.ts';
import { defineConnector } from './define-connector.ts';
import { testClient, testServices } from './testing.ts';

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
      sameSystem: [],
      connect: testClient,
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

describe('What a system answers', () => {
  it('names no secret, whatever keys it has', async () => {
    const services = testServices({ test: {} }, { token: 'canary-credential' });
    const echo = defineAction({
      name: 'test.get',
      title: 'Get',
      description: 'Gives what the system answers.',
      effect: 'read',
      source: 'None',
      input: Type.Object({}),
      output: Type.Object({ body: Type.Unknown() }),
      examples: [],
      run: async () => ({ body: { rule: { $secret: 'token' } } }),
    });
    const connector = defineConnector({
      name: 'test',
      title: 'The test system',
      settings: Type.Object({}) as TObject,
      sameSystem: [],
      connect: testClient,
      actions: [echo],
    });
    const call = { run: 'r', runbook: 'new-hire', step: 'get' };
    const attempt = { signal: new AbortController().signal, timeoutMs: 5_000 };
    const { output } = await new Caller(connector, services).run(echo as never, {}, call, attempt as never);
    expect(output).toEqual({ body: { rule: { _$secret: 'token' } } });
  });
});
