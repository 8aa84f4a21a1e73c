import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { entra } from '../activities/entra/index.ts';
import { exchange } from '../activities/exchange/index.ts';
import { intune } from '../activities/intune/index.ts';
import { jira } from '../activities/jira/index.ts';
import { attemptsOf } from '../activities/kit/testing.ts';
import { onedrive } from '../activities/onedrive/index.ts';
import { slack } from '../activities/slack/index.ts';
import { contractOf } from '../sandbox/contract.ts';
import { graphContract } from '../sandbox/graph/routes.ts';
import { jiraContract } from '../sandbox/jira/routes.ts';
import { slackContract } from '../sandbox/slack/routes.ts';
import { type Exchange, type Sandbox, startSandbox } from '../sandbox/start.ts';
import { withoutContracts } from './support/skipped.ts';

const hasSpecs = contractOf(graphContract) !== undefined;
if (!hasSpecs) withoutContracts('the contracts of Graph, Jira and Slack');
/** Everything that a leaver goes through, in the order of an offboarding. */
const leaving = [
  'entra.disableUser',
  'entra.resetPassword',
  'entra.revokeSessions',
  'entra.removeAuthenticationMethods',
  'entra.removeFromGroups',
  'entra.removeDirectoryRoles',
  'entra.removeAppRoleAssignments',
  'entra.removeOAuthGrants',
  'entra.removeGroupOwnerships',
  'entra.removeLicenses',
];
const suite = hasSpecs ? describe : describe.skip;

suite('Requests of the connectors, and the answers of the stand-ins, keep to the published contract of', () => {
  let sandbox: Sandbox;
  let exchanges: Exchange[] = [];

  beforeAll(async () => {
    sandbox = await startSandbox({ onExchange: (exchange) => exchanges.push(exchange) });
  });

  afterAll(async () => {
    await sandbox.close();
  });

  function problems(
    system: string,
    file: string,
    statusOf: (exchange: Exchange) => number = ({ status }) => status,
  ): string[] {
    const contract = contractOf(file);
    const own = exchanges.filter((exchange) => exchange.system === system);
    expect(own.length).toBeGreaterThan(5);
    return [
      ...new Set(
        own.flatMap(
          (exchange) =>
            contract?.differencesOf(exchange.method, exchange.path, statusOf(exchange), exchange.answer) ??
            [],
        ),
      ),
    ];
  }

  it('Microsoft Graph', async () => {
    exchanges = [];
    const { call, fails, preview, verify } = attemptsOf(entra, sandbox.connectors.entra ?? {}, [
      'clientSecret',
    ]);
    const user = 'ina.holt@example.com';
    await call('entra.getUser', { user: 'dana.reyes@example.com' });
    await call('entra.createUser', {
      userPrincipalName: user,
      displayName: 'Ina Holt',
      givenName: 'Ina',
      surname: 'Holt',
      usageLocation: 'DE',
      manager: 'dana.reyes@example.com',
    });
    await call('entra.assignLicense', { user, license: 'SPE_E3' });
    for (const group of ['All Staff', 'News', 'Plant Floor', 'Everyone in Germany']) {
      await call('entra.addGroupMember', { user, group });
    }
    await preview('entra.addGroupMember', { user, group: 'VPN Users' });
    await verify('entra.addGroupMember', { user, group: 'All Staff' });
    await fails('entra.assignLicense', { user, license: 'SPE_E5' });
    await call('entra.resetPassword', { user });
    await call('entra.createTemporaryAccessPass', { user, lifetimeMinutes: 60, usableOnce: true });
    await call('entra.createTemporaryAccessPass', { user, startsAt: '2099-12-01T08:00:00Z' });
    await call('entra.deleteTemporaryAccessPass', { user });
    await call('entra.removeGroupMember', { user, group: 'All Staff' });
    await call('entra.addToGroups', { user, groups: ['VPN Users', 'News', 'Nowhere'] });
    await call('entra.deleteUser', { user });
    await call('entra.deleteUser', { user });
    await call('entra.restoreUser', { user });
    const leaver = { user: 'lou.maier@example.com' };
    await call('entra.residualAccess', leaver);
    await call('entra.residualAccess', { user: 'morgan.weiss@example.com' });
    for (const action of leaving) {
      await preview(action, leaver);
      await call(action, leaver);
      await verify(action, leaver);
    }
    await call('entra.enableUser', leaver);
    await fails('entra.disableUser', { user: 'piet.vermeer@example.com' });
    await call('entra.getLicense', { license: 'SPE_E3' });
    expect(problems('graph', graphContract)).toEqual([]);
  }, 60_000);

  it('Microsoft Graph, for mailboxes, devices and files', async () => {
    exchanges = [];
    const settings = { ...sandbox.connectors.entra, ...sandbox.connectors.exchange };
    const mailboxes = attemptsOf(exchange, settings, ['clientSecret']);
    const devices = attemptsOf(intune, sandbox.connectors.entra ?? {}, ['clientSecret']);
    const files = attemptsOf(onedrive, sandbox.connectors.entra ?? {}, ['clientSecret']);
    const user = 'robin.sato@example.com';
    const to = 'kim.okafor@example.com';
    const times = { from: '2026-12-21T00:00:00Z', to: '2027-01-04T00:00:00Z' };
    await mailboxes.call('exchange.setAutoReply', { user, internal: 'Away.', external: '', ...times });
    await mailboxes.call('exchange.clearAutoReply', { user });
    await mailboxes.call('exchange.removeInboxRules', { user: to });

    await devices.call('intune.listDevices', { user });
    const { devices: ring } = await devices.call('intune.listDevices', { group: 'Patch ring pilot' });
    const [first, second, third] = (ring as { id: string }[]).map(({ id }) => id);
    await devices.call('intune.syncDevice', { device: first ?? '' });
    await devices.call('intune.rebootDevice', { device: first ?? '' });
    await devices.call('intune.getDevice', { device: first ?? '' });
    await devices.call('intune.retireDevice', { device: second ?? '' });
    await devices.call('intune.wipeDevice', { device: third ?? '', keepEnrollment: true });
    await devices.fails('intune.getDevice', { device: 'gone' });
    await devices.call('intune.assignAutopilotDevice', { serialNumber: 'SN-9001', user });
    await devices.call('intune.unassignAutopilotDevice', { serialNumber: 'SN-9001' });

    await files.call('onedrive.share', { user, to, days: 30 });
    await files.call('onedrive.share', { user, to });
    await files.call('onedrive.unshare', { user, to });
    expect(problems('graph', graphContract)).toEqual([]);
  }, 60_000);

  it('Jira Cloud', async () => {
    exchanges = [];
    const { call, fails } = attemptsOf(jira, sandbox.connectors.jira ?? {}, ['apiToken']);
    await call('jira.comment', { issue: 'HR-101', text: 'First line\n\nSee https://example.com' });
    await call('jira.comment', { issue: 'HR-101', text: 'First line\n\nSee https://example.com' });
    await fails('jira.transition', { issue: 'HR-101', to: 'Done' });
    await call('jira.transition', { issue: 'HR-101', to: 'Approved' });
    await call('jira.transition', { issue: 'HR-101', to: 'Done' });
    await fails('jira.comment', { issue: 'HR-999', text: 'Nobody there' });
    expect(problems('jira', jiraContract)).toEqual([]);
  }, 60_000);

  it('Slack', async () => {
    exchanges = [];
    const { call, fails, preview, verify } = attemptsOf(slack, sandbox.connectors.slack ?? {}, ['botToken']);
    const input = { channel: '#it-changes', text: 'The rule is in place.' };
    // The contract knows no history without a message in it, which every channel that was just made has.
    await fetch(`${sandbox.url}/_sandbox/slack/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ channel: input.channel, text: 'Good morning.' }),
    });
    await preview('slack.post', input);
    await call('slack.post', input);
    await call('slack.post', input);
    await verify('slack.post', input);
    await fails('slack.post', { ...input, channel: 'C0UNKNOWN1' });
    // It refuses with a status of 200 too; the description has those answers under `default`.
    const statusOf = ({ answer, status }: Exchange) => ((answer as { ok: boolean }).ok ? status : 400);
    expect(problems('slack', slackContract, statusOf)).toEqual([]);
  }, 60_000);

  it('what they refuse: a wrong request gets the service’s own kind of error', async () => {
    const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
      const response = await fetch(`${sandbox.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
      return {
        status: response.status,
        body: (await response.json()) as { error?: { code: string; message: string } },
      };
    };
    const anonymous = await post('/graph/v1.0/users', {});
    expect(anonymous).toMatchObject({ status: 401, body: { error: { code: 'InvalidAuthenticationToken' } } });

    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: String(sandbox.connectors.entra?.clientId),
      client_secret: String(sandbox.connectors.entra?.clientSecret),
      scope: `${sandbox.url}/graph/.default`,
    });
    const tenant = String(sandbox.connectors.entra?.tenant);
    const token = await fetch(`${sandbox.url}/login/${tenant}/oauth2/v2.0/token`, {
      method: 'POST',
      body: form,
    });
    const { access_token } = (await token.json()) as { access_token: string };
    const authorization = { authorization: `Bearer ${access_token}` };
    const user = {
      accountEnabled: true,
      displayName: 'X',
      mailNickname: 'x',
      userPrincipalName: 'x@example.com',
      passwordProfile: { password: 'Long-enough-1' },
    };
    const refused: [object, string][] = [
      [{ ...user, nickname: 'x' }, "property 'nickname' is not present on resource of type 'User'"],
      [
        { ...user, displayName: undefined },
        "A value is required for property 'displayName' of resource 'User'.",
      ],
      [
        { ...user, userPrincipalName: 'x@elsewhere.test' },
        'The domain portion of the userPrincipalName property is invalid.',
      ],
      [
        { ...user, userPrincipalName: 'Dana.Reyes@example.com' },
        'Another object with the same value for property userPrincipalName',
      ],
      [{ ...user, passwordProfile: { password: 'weak' } }, 'does not comply with password complexity'],
      [{ ...user, usageLocation: 'Germany' }, "Invalid value specified for property 'usageLocation'"],
    ];
    for (const [body, words] of refused) {
      const answer = await post('/graph/v1.0/users', body, authorization);
      expect(answer.status).toBe(400);
      expect(answer.body.error?.message).toContain(words);
    }
  });
});
