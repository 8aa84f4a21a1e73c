/** Approvals with a form, as pages and programs give them. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, testDatabase } from '../test/support/services.ts';
import { TestGateway } from './testing.ts';

const database = await testDatabase();

const coordinator = 'c.kim@example.com';
const manager = 'm.roth@example.com';
const director = 'i.novak@example.com';

const extension = `runbook: extension
title: Extension
kind: other
owner: role:it-coordinators
on:
  - manual: { by: [role:it-coordinators] }
inputs:
  who: { type: string }
steps:
  - id: signoff
    title: Sign the end
    approve:
      from: [${manager}, ${director}]
      quorum: 2
      within: 2d
      form:
        endDate: { type: string, format: date, description: Last day }
        note: { type: string, maxLength: 20, optional: true }
  - id: account
    uses: entra.createUser
    with: { userPrincipalName: a@example.com, displayName: "Until \${{ steps.signoff.output.endDate }}", usageLocation: DE }
`;

describeWith(database)('An approval with a form', () => {
  let gateway: TestGateway;
  let run: string;

  beforeAll(async () => {
    gateway = await TestGateway.start({ database: database?.url ?? '', runbooks: [extension] });
    run = await gateway.startRun(coordinator, 'extension', { who: 'ada' });
  });

  afterAll(async () => {
    await gateway.stop();
    await database?.drop();
  });

  const path = () => `/runs/${run}/steps/signoff`;
  const gateOf = async (person: string) => (await gateway.as(person, 'GET', `${path()}/gate`)).json();
  const vote = async (person: string, form?: object) => {
    const { hash } = await gateOf(person);
    const body = { decision: 'approve', hash, ...(form ? { form } : {}) };
    return gateway.as(person, 'POST', `${path()}/vote`, body as never);
  };

  it('says what is to be filled in, and of whoever has not yet that they may vote', async () => {
    expect(await gateOf(manager)).toMatchObject({
      mayVote: true,
      form: { endDate: { type: 'string', format: 'date', description: 'Last day' } },
      required: ['endDate'],
    });
  });

  it('refuses what does not fit field by field, before the run hears of it', async () => {
    const wrong = await vote(manager, { endDate: 'soon', note: 'longer than twenty characters' });
    expect(wrong.statusCode).toBe(422);
    expect(wrong.json().detail).toMatch(
      /^Sign the end: “Last day” \(`endDate`\) must be a date such as 2026-01-31/,
    );
    expect(wrong.json().detail).toMatch(/`note` /);
    const nothing = await vote(manager);
    expect(nothing.json().detail).toMatch(/Missing: “Last day” \(endDate\)/);
    expect((await gateOf(manager)).votes).toEqual([]);
  });

  it('shows each the values of the others, and counts those that are the same', async () => {
    expect((await vote(manager, { endDate: '2026-03-31' })).json()).toEqual({
      result: 'counted',
      approvals: 1,
      needed: 2,
    });
    expect((await vote(director, { endDate: '2026-06-30' })).json()).toMatchObject({
      approvals: 1,
      differing: [manager],
    });
    await gateway.runs.settle(run);
    const { items } = (await gateway.as(manager, 'GET', '/inbox')).json();
    expect(items.map((item: { step: string }) => item.step)).toEqual(['signoff']);
    expect(await gateOf(manager)).toMatchObject({
      mayVote: true,
      mine: { form: { endDate: '2026-03-31' } },
      votes: [{}, { form: { endDate: '2026-06-30' } }],
    });
    expect((await vote(manager, { endDate: '2026-06-30' })).json()).toMatchObject({ approvals: 2 });
    await gateway.runs.settle(run);
    const { askings } = (await gateway.as(manager, 'GET', `${path()}/signatures`)).json();
    expect(askings[0].end).toMatchObject({ how: 'approved', form: { endDate: '2026-06-30' } });
  });

  it('stands in the report of the run, with every vote', async () => {
    const { entries } = (await gateway.as(coordinator, 'GET', `/runs/${run}/journal`)).json();
    const forms = entries.flatMap(({ kind, data }: { kind: string; data?: { form?: object } }) =>
      data?.form ? [[kind, data.form]] : [],
    );
    expect(forms.map(([kind]: [string]) => kind)).toEqual([
      'vote',
      'vote',
      'gate.differs',
      'vote',
      'gate.approved',
    ]);
  });
});
