import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { defined } from '../../plan/defined.ts';
import { type Attempts, attemptsOf } from '../kit/testing.ts';
import { entra } from './index.ts';
import { entraSandbox } from './testing.ts';

const at = entraSandbox();
const robin = 'robin.sato@example.com';
const lou = 'lou.maier@example.com';
const morgan = 'morgan.weiss@example.com';

describe('Assigning a licence', () => {
  const e3 = { user: robin, license: 'SPE_E3' };

  it('assigns it once, however often it is tried', async () => {
    expect(await at.attempts.preview('entra.assignLicense', e3)).toEqual({
      summary: `would assign SPE_E3 to ${robin}; 380 of 500 free`,
    });
    expect(await at.attempts.call('entra.assignLicense', e3)).toMatchObject({
      license: 'SPE_E3',
      assigned: true,
    });
    const byId = { user: robin, license: '05e9a617-0261-4cee-bb44-138d3ef5d965' };
    expect(await at.attempts.call('entra.assignLicense', byId)).toMatchObject({
      license: 'SPE_E3',
      assigned: false,
    });
    expect(at.count('license.assigned')).toBe(1);
    expect(await at.attempts.verify('entra.assignLicense', e3)).toBe(true);
    expect(await at.attempts.preview('entra.assignLicense', e3)).toMatchObject({ nothingToDo: true });
  });

  it('assigns it once when the answer was lost', async () => {
    at.sandbox.faults.add({ system: 'graph', path: 'assignLicense', times: 1, kind: 'lostAnswer' });
    expect((await at.attempts.fails('entra.assignLicense', e3)).nonRetryable).toBe(false);
    expect(await at.attempts.call('entra.assignLicense', e3)).toMatchObject({ assigned: true });
    expect(at.count('license.assigned')).toBe(1);
  });

  it('says how many units there are when none is free', async () => {
    const failure = await at.attempts.fails('entra.assignLicense', { user: robin, license: 'SPE_E5' });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain('There are no free units of SPE_E5 (25 of 25 used).');
  });

  it('says what the organisation has when it has no such licence', async () => {
    const failure = await at.attempts.fails('entra.assignLicense', { user: robin, license: 'SPE_E4' });
    expect(failure.message).toBe(
      'The organisation has no licence SPE_E4. It has: FLOW_FREE, SPE_E3, SPE_E5, VISIO_PLAN2.',
    );
  });

  it('asks for the country of work first', async () => {
    await at.graph('PATCH', `/users/${robin}`, { usageLocation: null });
    const failure = await at.attempts.fails('entra.assignLicense', e3);
    expect(failure.message).toContain(`${robin} has no usage location`);
    expect(failure.nonRetryable).toBe(true);
  });

  it('is tried again for a person whom the directory does not show yet', async () => {
    const failure = await at.attempts.fails('entra.assignLicense', { ...e3, user: 'new.hire@example.com' });
    expect(failure).toMatchObject({ nonRetryable: false, details: [{ status: 404 }] });
  });
});

describe('Looking up a licence', () => {
  it('counts the units that are there, used and free, by product code or id', async () => {
    const e3 = {
      license: 'SPE_E3',
      skuId: '05e9a617-0261-4cee-bb44-138d3ef5d965',
      total: 500,
      used: 120,
      free: 380,
    };
    for (const license of ['SPE_E3', 'spe_e3', e3.skuId])
      expect(await at.attempts.call('entra.getLicense', { license })).toEqual(e3);
    await at.attempts.call('entra.assignLicense', { user: robin, license: 'SPE_E3' });
    expect(await at.attempts.call('entra.getLicense', { license: 'SPE_E3' })).toMatchObject({ free: 379 });
    expect(await at.attempts.call('entra.getLicense', { license: 'SPE_E5' })).toMatchObject({ free: 0 });
  });

  it('says what the organisation has when it has no such licence', async () => {
    const failure = await at.attempts.fails('entra.getLicense', { license: 'SPE_E4' });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain('It has: FLOW_FREE, SPE_E3, SPE_E5, VISIO_PLAN2.');
  });
});

describe('Removing all licences', () => {
  const both = { licenses: ['FLOW_FREE', 'SPE_E3'], groups: ['Licences E3'], kept: [] };
  const remove = () => at.attempts.call('entra.removeLicenses', { user: lou });

  it('leaves the groups that give licences, then removes the others, once', async () => {
    expect(await at.attempts.preview('entra.removeLicenses', { user: lou })).toEqual({
      summary: `would remove from ${lou}: FLOW_FREE, SPE_E3, leaving Licences E3`,
    });
    expect(await at.attempts.verify('entra.removeLicenses', { user: lou })).toBe(false);
    expect(await remove()).toEqual(both);
    expect(await at.attempts.verify('entra.removeLicenses', { user: lou })).toBe(true);
    expect(await at.attempts.preview('entra.removeLicenses', { user: lou })).toEqual({
      summary: `${lou} has no licence`,
      nothingToDo: true,
    });
    expect(await remove()).toEqual({ licenses: [], groups: [], kept: [] });
    expect([at.count('member.removed'), at.count('license.removed')]).toEqual([1, 1]);
    expect(await at.attempts.call('entra.getLicense', { license: 'SPE_E3' })).toMatchObject({ used: 119 });
  });

  it('names all that went when answers were lost on the way', async () => {
    at.loseAnswer('members/');
    at.loseAnswer('assignLicense');
    for (let lost = 0; lost < 2; lost++)
      expect((await at.attempts.fails('entra.removeLicenses', { user: lou })).nonRetryable).toBe(false);
    expect(await remove()).toEqual(both);
    expect([at.count('member.removed'), at.count('license.removed')]).toEqual([1, 1]);
  });

  it('is tried again when the directory shows a licence that is gone', async () => {
    // Two at once: the one that is held up asks for what the other has removed meanwhile.
    at.sandbox.faults.add({
      system: 'graph',
      path: 'assignLicense',
      times: 1,
      kind: 'delay',
      delayMs: 1_000,
    });
    const outcomes = await Promise.all(
      ['one', 'two'].map((step) =>
        at.attempts.call('entra.removeLicenses', { user: lou }, { step }).catch((error: Error) => error),
      ),
    );
    const failed = outcomes.find((outcome) => outcome instanceof Error);
    expect(failed).toMatchObject({ type: 'RetryableFailure' });
    expect(failed?.message).toContain('Entra ID shows a licence that is gone already.');
    expect(await remove()).toMatchObject({ licenses: [], kept: [] });
    expect(at.count('license.removed')).toBe(1);
  });

  it('is tried again while the licence of a group that was left is still there', async () => {
    at.sandbox.faults.add({ kind: 'lateLicenses', delayMs: 60_000 });
    const failure = await at.attempts.fails('entra.removeLicenses', { user: lou });
    expect(failure).toMatchObject({ nonRetryable: false, nextRetryDelay: 60_000 });
    expect(failure.message).toContain('Entra ID has not yet taken back SPE_E3 of Licences E3.');
    expect(at.count('license.removed')).toBe(1);
    at.sandbox.faults.clear();
    expect(await remove()).toEqual(both);
  });

  it('keeps a licence of a group that cannot be left, saying so', async () => {
    await at.attempts.call('entra.assignLicense', { user: morgan, license: 'SPE_E3' });
    const reason =
      'it comes from Licences Flow, which cannot be left: it is a dynamic group: a rule decides who is in it.';
    expect(await at.attempts.preview('entra.removeLicenses', { user: morgan })).toEqual({
      summary: `would remove from ${morgan}: SPE_E3`,
      problems: [`FLOW_FREE would be kept: ${reason}`],
    });
    expect(await at.attempts.call('entra.removeLicenses', { user: morgan })).toEqual({
      licenses: ['SPE_E3'],
      groups: [],
      kept: [{ license: 'FLOW_FREE', reason }],
    });
    expect(await at.attempts.verify('entra.removeLicenses', { user: morgan })).toBe(true);
  });

  it('shows before anybody signs that a licence of a mail-enabled group would be kept, which Exchange alone can take', async () => {
    await withMailEnabled('Licences E3', async (attempts) => {
      const preview = await attempts.preview('entra.removeLicenses', { user: lou });
      expect(preview?.summary).toBe(`would remove from ${lou}: FLOW_FREE`);
      expect(preview?.problems).toEqual([
        expect.stringMatching(
          /^SPE_E3 would be kept: it comes from Licences E3, which cannot be left: .*Exchange/,
        ),
      ]);
      expect(await attempts.call('entra.removeLicenses', { user: lou })).toMatchObject({
        licenses: ['FLOW_FREE'],
        kept: [{ license: 'SPE_E3', reason: expect.stringContaining('Exchange') }],
      });
    });
    expect(at.count('member.removed')).toBe(0);
  });
});

/** Only whoever makes a group can make it mail-enabled: it is told so on the way. */
async function withMailEnabled(name: string, work: (attempts: Attempts) => Promise<void>): Promise<void> {
  const settings = at.sandbox.connectors.entra ?? {};
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { authorization = '' } = request.headers;
    const answer = await fetch(`${settings.graphUrl}${request.url}`, {
      method: String(request.method),
      headers: { authorization, 'content-type': 'application/json' },
      ...defined({ body: body === '' ? undefined : body }),
    });
    const told = JSON.stringify(await answer.json().catch(() => null), (_, each) =>
      each?.displayName === name ? { ...each, mailEnabled: true } : each,
    );
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(answer.status === 204 ? undefined : told);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const graphUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await work(attemptsOf(entra, { ...settings, graphUrl }, ['clientSecret']));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
