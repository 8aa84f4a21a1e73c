import { describe, expect, it } from '@jest/globals';
import { entraSandbox } from './testing.ts';

const at = entraSandbox();
const robin = 'robin.sato@example.com';
const lou = 'lou.maier@example.com';
const piet = 'piet.vermeer@example.com';

describe('Adding to a group', () => {
  const join = { user: robin, group: 'VPN Users' };

  it('adds once, however often it is tried', async () => {
    expect(await at.attempts.preview('entra.addGroupMember', join)).toEqual({
      summary: `would add ${robin} to VPN Users`,
    });
    expect(await at.attempts.verify('entra.addGroupMember', join)).toBe(false);
    const first = await at.attempts.call('entra.addGroupMember', join);
    expect(first).toMatchObject({ groupName: 'VPN Users', added: true });
    const again = { ...join, group: first.groupId ?? '' };
    expect(await at.attempts.call('entra.addGroupMember', again)).toMatchObject({ added: false });
    expect(at.count('member.added')).toBe(1);
    expect(await at.attempts.verify('entra.addGroupMember', join)).toBe(true);
    expect(await at.attempts.preview('entra.addGroupMember', join)).toMatchObject({ nothingToDo: true });
  });

  it('adds once when the answer was lost', async () => {
    at.sandbox.faults.add({ system: 'graph', path: 'members/', times: 1, kind: 'lostAnswer' });
    expect((await at.attempts.fails('entra.addGroupMember', join)).nonRetryable).toBe(false);
    expect(await at.attempts.call('entra.addGroupMember', join)).toMatchObject({ added: true });
    expect(at.count('member.added')).toBe(1);
  });

  it('skips groups that are not managed here, saying why', async () => {
    const reasons: Record<string, string> = {
      'Everyone in Germany': 'a rule decides',
      'Plant Floor': 'on-premises Active Directory',
      News: 'managed in Exchange',
    };
    for (const [group, reason] of Object.entries(reasons)) {
      const output = await at.attempts.call('entra.addGroupMember', { user: robin, group });
      expect(output).toMatchObject({ added: false, skipped: expect.stringContaining(reason) });
    }
    expect(at.count('member.added')).toBe(0);
  });

  it('says plainly when there is no such group', async () => {
    const failure = await at.attempts.fails('entra.addGroupMember', { user: robin, group: "Rock 'n' Roll" });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain(`no group named "Rock 'n' Roll"`);
  });
});

describe('Removing from a group', () => {
  const leave = { user: lou, group: 'Engineering' };

  it('removes once, however often it is tried', async () => {
    expect(await at.attempts.preview('entra.removeGroupMember', leave)).toEqual({
      summary: `would remove ${lou} from Engineering`,
    });
    expect(await at.attempts.verify('entra.removeGroupMember', leave)).toBe(false);
    expect(await at.attempts.call('entra.removeGroupMember', leave)).toEqual({ removed: true });
    expect(await at.attempts.call('entra.removeGroupMember', leave)).toEqual({ removed: false });
    expect(at.count('member.removed')).toBe(1);
    expect(await at.attempts.verify('entra.removeGroupMember', leave)).toBe(true);
    expect(await at.attempts.preview('entra.removeGroupMember', leave)).toEqual({
      summary: `${lou} is not in Engineering`,
      nothingToDo: true,
    });
  });

  it('knows that it removed the person though the answer was lost', async () => {
    at.loseAnswer('members/');
    expect((await at.attempts.fails('entra.removeGroupMember', leave)).nonRetryable).toBe(false);
    expect(await at.attempts.call('entra.removeGroupMember', leave)).toEqual({ removed: true });
    expect(at.count('member.removed')).toBe(1);
  });

  it('skips groups that are not managed here, saying why', async () => {
    const dynamic = { ...leave, group: 'Everyone in Germany' };
    expect(await at.attempts.call('entra.removeGroupMember', dynamic)).toEqual({
      removed: false,
      skipped: 'it is a dynamic group: a rule decides who is in it.',
    });
    expect(await at.attempts.preview('entra.removeGroupMember', dynamic)).toMatchObject({
      nothingToDo: true,
    });
  });
});

describe('Removing from all groups', () => {
  const kept = [
    { group: 'Everyone in Germany', reason: 'it is a dynamic group: a rule decides who is in it.' },
    {
      group: 'News',
      reason: 'it is a distribution list or mail-enabled security group, which is managed in Exchange.',
    },
    { group: 'Licences E3', reason: 'it gives a licence, and is left when licences are removed.' },
  ];
  const remove = () => at.attempts.call('entra.removeFromGroups', { user: lou });

  it('leaves those that can be left, and says why the others are kept', async () => {
    expect(await at.attempts.preview('entra.removeFromGroups', { user: lou })).toEqual({
      summary: `would remove ${lou} from All Staff, Engineering, and keep Everyone in Germany, News, Licences E3`,
    });
    expect(await at.attempts.verify('entra.removeFromGroups', { user: lou })).toBe(false);
    const output = await remove();
    expect(output).toMatchObject({ names: ['All Staff', 'Engineering'], kept });
    expect(output.removed).toHaveLength(2);
    expect(await at.attempts.verify('entra.removeFromGroups', { user: lou })).toBe(true);
    expect(await remove()).toEqual({ removed: [], names: [], kept });
    expect(await at.attempts.preview('entra.removeFromGroups', { user: lou })).toMatchObject({
      nothingToDo: true,
    });
    expect(at.count('member.removed')).toBe(2);
  });

  it('names every group that was left, also by an attempt that came to no end', async () => {
    at.sandbox.faults.add({ system: 'graph', path: 'members/', times: 1, kind: 'lostAnswer' });
    expect((await at.attempts.fails('entra.removeFromGroups', { user: lou })).nonRetryable).toBe(false);
    at.sandbox.faults.add({
      system: 'graph',
      path: 'members/',
      times: 1,
      kind: 'status',
      status: 429,
      retryAfter: 7,
    });
    expect(await at.attempts.fails('entra.removeFromGroups', { user: lou })).toMatchObject({
      type: 'RateLimited',
      nextRetryDelay: 7_000,
    });
    expect(await remove()).toMatchObject({ names: ['All Staff', 'Engineering'] });
    expect(at.count('member.removed')).toBe(2);
  });

  it('is taken back by adding the person to the same groups', async () => {
    const { removed = [] } = await remove();
    const back = { user: lou, groups: removed };
    expect(await at.attempts.preview('entra.addToGroups', back)).toEqual({
      summary: `would add ${lou} to All Staff, Engineering`,
    });
    expect(await at.attempts.call('entra.addToGroups', back)).toEqual({
      added: ['All Staff', 'Engineering'],
      skipped: [],
    });
    expect(await at.attempts.verify('entra.addToGroups', back)).toBe(true);
    expect(await at.attempts.preview('entra.removeFromGroups', { user: lou })).toEqual({
      summary: `would remove ${lou} from All Staff, Engineering, and keep Everyone in Germany, News, Licences E3`,
    });
  });

  it('stops when it may not change groups, rather than call them kept', async () => {
    at.sandbox.faults.add({ system: 'graph', path: 'members/', times: 1, kind: 'status', status: 403 });
    const failure = await at.attempts.fails('entra.removeFromGroups', { user: lou });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain('Check the permissions of the account that Countersign uses.');
  });
});

describe('Adding to several groups', () => {
  const groups = ['VPN Users', 'News', 'Badge Access', 'Rock', 'VPN Users'];
  const skipped = [
    {
      group: 'News',
      reason: 'it is a distribution list or mail-enabled security group, which is managed in Exchange.',
    },
    { group: 'Rock', reason: 'there is no such group.' },
  ];

  it('adds to each once and skips what it cannot', async () => {
    const join = { user: piet, groups };
    expect(await at.attempts.preview('entra.addToGroups', join)).toMatchObject({
      summary: `would add ${piet} to VPN Users, Badge Access`,
      problems: [
        expect.stringMatching(/^News would be skipped/),
        'Rock would be skipped: there is no such group.',
      ],
    });
    expect(await at.attempts.call('entra.addToGroups', join)).toEqual({
      added: ['VPN Users', 'Badge Access'],
      skipped,
    });
    expect(await at.attempts.call('entra.addToGroups', join)).toEqual({ added: [], skipped });
    expect(at.count('member.added')).toBe(2);
    expect(await at.attempts.preview('entra.addToGroups', join)).toMatchObject({ nothingToDo: true });
  });

  it('names every group that it added to, also when an answer was lost', async () => {
    at.loseAnswer('members/');
    const join = { user: piet, groups };
    expect((await at.attempts.fails('entra.addToGroups', join)).nonRetryable).toBe(false);
    expect(await at.attempts.call('entra.addToGroups', join)).toMatchObject({
      added: ['VPN Users', 'Badge Access'],
    });
    expect(at.count('member.added')).toBe(2);
  });
});
