/** The files of tickets, read from the systems' stand-ins. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Sandbox, startSandbox } from '../sandbox/start.ts';
import { ticketFilesOf } from './ticket-files.ts';

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

interface Account {
  baseUrl: string;
  email?: string;
  user?: string;
  apiToken?: string;
  password?: string;
}

const services = {} as Parameters<typeof ticketFilesOf>[2];
const accountOf = (system: string) => sandbox.connectors[system] as unknown as Account;

async function filesOf(system: string) {
  const files = await ticketFilesOf(system, { [system]: accountOf(system) as never }, services);
  if (!files) throw new Error(`the files of ${system} are not read`);
  return files;
}

function send(system: string, method: string, path: string, more: RequestInit = {}) {
  const { baseUrl, email, user, apiToken, password } = accountOf(system);
  const authorization = `Basic ${Buffer.from(`${email ?? user}:${apiToken ?? password}`).toString('base64')}`;
  return fetch(baseUrl + path, { method, ...more, headers: { authorization, ...more.headers } });
}

const content = 'permit tcp any host 198.51.100.17 – ä';
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe('The files of a ticket', () => {
  it('are those of the ServiceNow record and of no other, each with its content', async () => {
    const table = '/api/now/table/change_request?sysparm_query=number=CHG0030001';
    const { result } = (await (await send('servicenow', 'GET', table)).json()) as {
      result: { sys_id: string }[];
    };
    const record = result[0]?.sys_id ?? '';
    const query = `table_name=change_request&table_sys_id=${record}&file_name=rules.txt`;
    await send('servicenow', 'POST', `/api/now/attachment/file?${query}`, {
      headers: { 'content-type': 'text/plain' },
      body: content,
    });
    const files = await filesOf('servicenow');
    const listed = await files.list(record);
    expect(listed).toMatchObject([{ name: 'rules.txt', bytes: Buffer.byteLength(content) }]);
    expect(textOf(await files.read(listed[0]?.id ?? ''))).toBe(content);
    expect(await files.list('0123456789abcdef0123456789abcdef')).toEqual([]);
    expect(await files.list(`${record}^ORtable_sys_id!=x`)).toEqual([]);
  });

  it('are those of the Jira issue', async () => {
    const form = new FormData();
    form.append('file', new Blob([content], { type: 'text/plain' }), 'rules.txt');
    await send('jira', 'POST', '/rest/api/3/issue/IT-1/attachments', {
      headers: { 'X-Atlassian-Token': 'no-check' },
      body: form,
    });
    const files = await filesOf('jira');
    // Beside what the issue has had all along.
    const attached = (await files.list('IT-1')).find(({ name }) => name === 'rules.txt');
    expect(textOf(await files.read(attached?.id ?? ''))).toBe(content);
    await expect(files.read('4711')).rejects.toThrow(/Jira/);
  });

  it('are not read of a system without a reader, or without an account', async () => {
    expect(await ticketFilesOf('zendesk', { zendesk: {} }, services)).toBeUndefined();
    expect(await ticketFilesOf('jira', {}, services)).toBeUndefined();
  });
});
