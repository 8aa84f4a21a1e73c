import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Sandbox, startSandbox } from '../../sandbox/start.ts';
import { type Attempts, attemptsOf } from '../kit/testing.ts';
import { teams } from './index.ts';

let sandbox: Sandbox;
let attempts: Attempts;

beforeAll(async () => {
  sandbox = await startSandbox();
  attempts = attemptsOf(teams, sandbox.connectors.teams ?? {});
});
afterEach(() => fetch(`${sandbox.url}/_sandbox/reset`, { method: 'POST' }));
afterAll(() => sandbox.close());

const input = {
  channel: 'it-operations',
  title: 'Maintenance begins',
  text: 'The mail servers are patched.\nUntil 23:00.',
  link: 'https://countersign.example.com/runs/1',
};
const cards = () => sandbox.effects.list({ system: 'teams', effect: 'card.posted' });

describe('Posting in Teams', () => {
  it('posts a card with a heading, a line of text each and a button', async () => {
    expect(await attempts.call('teams.post', input)).toEqual({ posted: true });
    const [{ subject, detail } = { subject: '' }] = cards();
    expect(subject).toBe('it-operations');
    expect(detail?.card).toMatchObject({
      type: 'AdaptiveCard',
      body: [
        { text: 'Maintenance begins', weight: 'Bolder' },
        { text: 'The mail servers are patched.', wrap: true },
        { text: 'Until 23:00.', wrap: true },
      ],
      actions: [{ type: 'Action.OpenUrl', url: input.link }],
    });
  });

  it('posts where the first webhook leads unless another is named', async () => {
    await attempts.call('teams.post', { text: 'Done.' });
    expect(cards().map(({ subject }) => subject)).toEqual(['it-changes']);
  });

  it('may post twice when the answer was lost, as its description says', async () => {
    sandbox.faults.add({ system: 'teams', times: 1, kind: 'lostAnswer' });
    expect((await attempts.fails('teams.post', input)).nonRetryable).toBe(false);
    await attempts.call('teams.post', input);
    expect(cards()).toHaveLength(2);
    expect(teams.actions.find(({ name }) => name === 'teams.post')?.delivery).toBe('at least once');
  });

  it('says what it would post, and what stands in the way', async () => {
    expect(await attempts.preview('teams.post', input)).toEqual({
      summary: 'would post in the Teams channel it-operations: Maintenance begins',
    });
    const unknown = await attempts.preview('teams.post', { ...input, channel: 'board' });
    expect(unknown?.problems?.[0]).toBe(
      'There is no Teams channel board under connectors: teams: channels: in countersign.yaml. There are: it-changes, it-operations, it-onboarding.',
    );
    const long = await attempts.preview('teams.post', { ...input, text: 'x'.repeat(30_000) });
    expect(long?.problems?.[0]).toContain('more than the 28 KB that Teams takes');
    expect(cards()).toHaveLength(0);
  });

  it('waits as long as Teams asks', async () => {
    sandbox.faults.add({ system: 'teams', times: 1, kind: 'status', status: 429, retryAfter: 4 });
    expect(await attempts.fails('teams.post', input)).toMatchObject({
      type: 'RateLimited',
      nextRetryDelay: 4_000,
    });
  });

  it('says in Teams’ own words why it is refused, and shows the webhook nowhere', async () => {
    const webhook = `${sandbox.url}/teams/workflows/it-changes/triggers/manual/paths/invoke?sig=canary-signature`;
    const wrong = attemptsOf(teams, { channels: { changes: { webhook } } });
    const failure = await wrong.fails('teams.post', { text: 'Done.' });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain('(401): The authentication credentials are not valid.');
    expect(JSON.stringify(failure)).not.toContain('canary');
    const gone = attemptsOf(teams, {
      channels: { changes: { webhook: webhook.replace('it-changes', 'gone') } },
    });
    expect((await gone.fails('teams.post', { text: 'Done.' })).message).toContain('could not be found');
  });
});
