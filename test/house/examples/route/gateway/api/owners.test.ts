import { describe, expect, it } from '@jest/globals';
import Fastify from 'fastify';
import { planFrom } from '../../compiler/testing.ts';
import { ownerRoutes } from './owners.ts';
import type { ApiParts } from './request.ts';

describe('The owners', () => {
  it('are given by runbook', async () => {
    const app = Fastify();
    const plans = new Map([['example', planFrom([])]]);
    ownerRoutes.add(app, { library: () => ({ plans }) } as unknown as ApiParts);
    const answer = await app.inject({ method: 'GET', url: '/owners' });
    expect(answer.json()).toEqual({ example: 'role:it-coordinators' });
  });
});
