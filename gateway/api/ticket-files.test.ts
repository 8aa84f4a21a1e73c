/** The files of a run's ticket, opened through the gateway. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { TicketFile, TicketFiles } from '../../activities/ticket-files.ts';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { TestGateway } from '../testing.ts';

const database = await testDatabase();

const coordinator = 'c.kim@example.com';
const manager = 'm.roth@example.com';
const stranger = 'nobody@example.com';

const move = `runbook: move
title: Move a desk
kind: other
owner: role:it-coordinators
on:
  - ticket: { system: jira, project: HR, type: Move, to: Approved }
    inputs: { desk: "\${{ ticket.key }}" }
  - manual: { by: [role:it-coordinators] }
inputs:
  desk: { type: string }
steps:
  - id: signoff
    title: The manager signs
    approve: { from: [${manager}], show: { desk: "\${{ inputs.desk }}", ticket: "\${{ ticket.key }}" } }
  - id: tell
    uses: mail.send
    with: { to: ${manager}, subject: Done, text: "\${{ inputs.desk }}" }
`;

const contents: Record<string, string> = {
  '1': '<html><script>alert(document.cookie)</script>',
  '2': '\x89PNG\r\n\x1a\n rest',
  '3': 'name;desk\nLea;B-12\n',
  '4': '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
  '5': '<script>alert(1)</script>',
  '99': 'of another ticket',
};
const names: Record<string, string> = {
  '1': 'plan.html',
  '2': 'desk.png',
  '3': 'names.csv',
  '4': 'icon.svg',
  '5': 'a"b\r\nSet-Cookie: x=1 – übung.png',
};

describeWith(database)('the files of a ticket', () => {
  let gateway: TestGateway;
  let run = '';
  let away = false;
  const asked: string[] = [];
  const jira: TicketFiles = {
    async list(ticket) {
      if (away) throw new Error('Jira did not answer.');
      asked.push(ticket);
      return Object.entries(names).map(
        ([id, name]): TicketFile => ({ id, name, bytes: contents[id]?.length ?? 0 }),
      );
    },
    read: async (id) => new Uint8Array(Buffer.from(contents[id] ?? '', 'latin1')),
  };
  beforeAll(async () => {
    gateway = await TestGateway.start({
      database: database?.url ?? '',
      runbooks: [move],
      records: true,
      ticketFiles: { jira },
    });
    const response = await gateway.as(coordinator, 'POST', '/runs', {
      runbook: 'move',
      inputs: { desk: 'B-12' },
      ticket: { system: 'jira', key: 'HR-101' },
    });
    run = response.json().id;
    await gateway.runs.settle(run);
  });
  afterAll(async () => {
    await gateway.stop();
    await database?.drop();
  });
  const get = (person: string, id: string) => gateway.as(person, 'GET', `/runs/${run}/ticket/files/${id}`);

  it('are named with their size for whoever is asked to sign, and for nobody who may not see the run', async () => {
    const answer = (await gateway.as(manager, 'GET', `/runs/${run}/ticket/files`)).json();
    expect(answer.system).toBe('Jira');
    expect(answer.files[2]).toEqual({ id: '3', name: 'names.csv', bytes: 19 });
    expect(asked).toEqual(['HR-101']);
    expect((await gateway.as(stranger, 'GET', `/runs/${run}/ticket/files`)).statusCode).toBe(403);
    expect((await get(stranger, '3')).statusCode).toBe(403);
  });

  it('are shown only where a browser runs nothing of them, by what is in them and not by their names', async () => {
    const seen: Record<string, unknown> = {};
    for (const id of Object.keys(names)) {
      const { headers, statusCode, rawPayload } = await get(manager, id);
      expect([statusCode, rawPayload.toString('latin1')]).toEqual([200, contents[id]]);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['content-security-policy']).toContain('sandbox');
      seen[id] = [headers['content-type'], String(headers['content-disposition']).split(';')[0]];
    }
    const saved = ['application/octet-stream', 'attachment'];
    expect(seen).toEqual({
      '1': saved,
      '2': ['image/png', 'inline'],
      '3': ['text/plain; charset=utf-8', 'inline'],
      '4': saved,
      '5': saved,
    });
    const { headers } = await get(manager, '5');
    expect(headers['content-disposition']).toBe(
      `attachment; filename="a_b__Set-Cookie_ x_1 _ _bung.png"; filename*=UTF-8''a%22b%0D%0ASet-Cookie%3A%20x%3D1%20%E2%80%93%20%C3%BCbung.png`,
    );
    expect(headers['set-cookie']).toBeUndefined();
  });

  it('are those of this ticket and no others, whatever the gateway’s account could read', async () => {
    expect((await get(manager, '99')).statusCode).toBe(404);
    expect((await get(manager, '..%2f..%2fsearch')).statusCode).toBe(404);
  });

  it('are on record once a person and content, with the digest of what was read', async () => {
    await get(manager, '3');
    const opened = (await gateway.store.audit.records(run)).filter(({ kind }) => kind === 'file.opened');
    expect(opened).toHaveLength(5);
    expect(opened.find(({ data }) => data.file === '3')).toMatchObject({
      actor: manager,
      data: { name: 'names.csv', bytes: 19, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });

  it('that cannot be read now are told of so, and not as none', async () => {
    const { id } = (
      await gateway.as(coordinator, 'POST', '/runs', {
        runbook: 'move',
        inputs: { desk: 'B-13' },
        ticket: { system: 'jira', key: 'HR-102' },
      })
    ).json();
    await gateway.runs.settle(id);
    away = true;
    const response = await gateway.as(coordinator, 'GET', `/runs/${id}/ticket/files`);
    expect([response.statusCode, response.json().detail]).toEqual([
      502,
      'The files of HR-102 cannot be read from Jira now: Jira did not answer.',
    ]);
    away = false;
    expect((await gateway.as(coordinator, 'GET', `/runs/${id}/ticket/files`)).statusCode).toBe(200);
  });
});
