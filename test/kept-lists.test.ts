/** A list that no history could hold, on every real part: read page by page, gone through, written to and reported. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { coordinator, TestStack } from './support/stack.ts';

/** KEPT_LIST_PEOPLE=20000 goes through the list that the changelog names; it takes minutes. */
const count = Number(process.env.KEPT_LIST_PEOPLE ?? 520);
const note = 'x'.repeat(count > 5_000 ? 0 : 500);
const signer = 'morgan.weiss@example.com';
const people = Array.from({ length: count }, (_, index) => ({
  id: `P-${index}`,
  name: `Person ${index}`,
  mail: `person.${index}.of-the-example-company@example.com`,
  department: `Department ${index % 40}`,
  manager: `manager.${index % 200}@example.com`,
  note,
  marked: '',
}));

const files: Record<string, string> = {
  'countersign.yaml': `organisation: { name: Example Company, domain: example.com }
timezone: Europe/Berlin
roles:
  it-coordinators: { people: [${coordinator}] }
  it-managers: { people: [${signer}] }
secrets: { people: { env: PEOPLE_SECRET } }
connectors:
  people:
    { baseUrl: https://people.example.com, clientId: countersign, clientSecret: "\${{ secrets.people }}" }
  mail: { host: mail.example.com, port: 25, from: it@example.com }
`,
  'connectors/people/connector.yaml': `connector: people
title: People
description: A directory of many people.
source: Invented for the tests
settings:
  baseUrl: { type: string, description: Its address. }
  clientId: { type: string, description: Who signs in. }
  clientSecret: { type: string, sensitive: true, description: Its secret. }
http:
  base: \${{ settings.baseUrl }}
  signIn:
    oauth2: { token: /oauth/token, client: "\${{ settings.clientId }}", secret: "\${{ settings.clientSecret }}", scope: people }
permissions: All of it.
types:
  person: { id: string, name: string, mail: string, department: string, manager: string, note: string, marked: string }
`,
  'connectors/people/list.action.yaml': `action: people.list
title: List all people
description: Everybody who is in the directory.
effect: read
look:
  list:
    get: /people
    items: answer.body
    type: person
    pages: { next: link header }
give:
  people: { value: found, description: Everybody. }
examples:
  - { title: All, with: {} }
`,
  'connectors/people/mark.action.yaml': `action: people.mark
title: Mark a person
description: Writes a mark beside a person.
effect: destructive
input:
  id: { type: string, description: Who. }
  mark: { type: string, description: The mark. }
look:
  get: /people/\${{ input.id }}
  take: answer.body
  type: person
already: found.marked == input.mark
change:
  patch: /people/\${{ input.id }}
  body: { marked: "\${{ input.mark }}" }
give:
  did: marked
examples:
  - { title: One, with: { id: P-1, mark: seen } }
`,
  'connectors/people/stand-in.yaml': `settings: { baseUrl: "\${{ url }}", clientId: countersign, clientSecret: sandbox-people-secret }
token: { path: /oauth/token, client: clientId, secret: clientSecret }
error: { message: "\${{ says }}" }
seed:
  people: ${JSON.stringify(people)}
routes:
  - get: /people
    list: people
    paged: { number: page, of: 500, link: true }
    answer: \${{ records }}
  - get: /people/{id}
    one: people
    answer: \${{ record }}
  - patch: /people/{id}
    update: people
    with: \${{ body }}
    answer: \${{ record }}
`,
  'runbooks/mark-everybody.yaml': `runbook: mark-everybody
title: Mark everybody
kind: other
owner: role:it-coordinators
on:
  - manual: { by: [role:it-coordinators] }
inputs: {}
steps:
  - id: everybody
    uses: people.list
    with: { pick: [id, name, mail, department, manager, note] }
  - id: signoff
    approve:
      from: [role:it-managers]
      show: { people: "\${{ steps.everybody.output.people }}" }
  - id: each
    forEach: \${{ steps.everybody.output.people }}
    as: person
    concurrency: 20
    steps:
      - id: mark
        uses: people.mark
        with: { id: "\${{ person.id }}", mark: "\${{ person.department }}" }
  - id: report
    uses: mail.send
    with:
      to: [${coordinator}]
      subject: \${{ size(steps.everybody.output.people) }} people were marked
      text: All of them are in the table.
      attachments:
        - name: people.csv
          csv: \${{ steps.everybody.output.people }}
          columns: [id, mail, manager]
`,
};

let stack: TestStack;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-people-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  stack = await TestStack.start('kept-lists', { folder });
}, 300_000);

afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

it(
  'is signed for by its hash, done item by item and sent as a table',
  async () => {
    const { status, body } = await stack.api<{ id: string }>(coordinator, 'POST', '/runs', {
      runbook: 'mark-everybody',
      inputs: {},
    });
    expect({ status, body }).toMatchObject({ status: 201 });
    const gate = await stack.gate(body.id);
    expect(gate.shown?.show).toEqual({
      people: { $list: { id: expect.any(String), count, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } },
    });
    await stack.vote(body.id, signer);
    const ended = await stack
      .waitFor(body.id, ['succeeded', 'parked', 'failed'], 50 * count + 60_000)
      .catch(async (e) => {
        const r = await stack.run(body.id);
        console.log(
          JSON.stringify({ ...r, outline: 0, inputs: 0 }).slice(0, 4000),
          stack.log.slice(-20),
          JSON.stringify((await stack.journal(body.id)).slice(-6)).slice(0, 2000),
          (await stack.effects({ system: 'people', effect: 'people.updated' })).length,
        );
        throw e;
      });
    expect(ended.status).toBe('succeeded');
    const journal = await stack.journal(body.id);
    const done = journal.find(({ kind, step }) => kind === 'step.succeeded' && step === 'each');
    expect(done?.data?.output).toMatchObject({ total: count, succeeded: count, failed: 0 });
    expect(JSON.stringify(journal)).not.toContain('person.7.of');
    const marks = await stack.effects({ system: 'people', effect: 'people.updated' });
    expect(new Set(marks.map(({ subject }) => subject)).size).toBe(count);
    expect(marks).toHaveLength(count);
    const mails = await stack.mails();
    const report = mails.find(({ subject }) => subject === `${count} people were marked`);
    // The mailbox has the message as it was sent.
    expect(JSON.stringify(report)).toContain('people.csv');
  },
  120_000 + 60 * count,
);
