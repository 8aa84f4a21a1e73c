import { describe, expect, it } from '@jest/globals';
import { readTestFile } from '../compiler/test-file/read.ts';
import { planOf, testCatalogue } from '../compiler/testing.ts';
import { Calendars } from '../organisation/calendars.ts';
import type { Plan } from '../plan/plan.ts';
import { approveAutomatically, sampleInputs } from '../workflows/virtual/auto-approver.ts';
import { differences, pathOf } from './check.ts';
import { coverageOf } from './coverage.ts';
import { type Rehearsed, rehearse } from './rehearse.ts';

const surroundings = {
  roles: {
    'it-coordinators': { people: ['c.kim@example.com'] },
    'it-managers': { people: ['m.roth@example.com', 'n.abe@example.com'] },
    'it-director': { people: ['i.novak@example.com'] },
  },
  calendars: new Calendars({ calendars: {}, timezone: 'Europe/Berlin', read: () => '' }),
  organisation: { domain: 'example.com' },
  separationOfDuties: [],
  approvals: { objection: { businessDays: 1 } },
};

const joiner = planOf(`inputs:
  who: { type: string, format: email }
  mail: { type: boolean, default: true }
steps:
  - id: look
    uses: entra.getUser
    with: { user: "\${{ inputs.who }}" }
  - id: signoff
    approve: { from: [role:it-managers], within: 2 business days, show: { who: "\${{ inputs.who }}" } }
  - id: account
    uses: entra.createUser
    with: { userPrincipalName: "\${{ inputs.who }}", displayName: New, usageLocation: DE }
    undo: { uses: entra.deleteUser, with: { user: "\${{ steps.account.output.id }}" } }
  - id: desk
    task: { to: role:it-coordinators, instructions: Place it., form: { serial: { type: string } }, within: 1d }
  - id: welcome
    if: inputs.mail
    uses: mail.send
    with: { to: m.roth@example.com, subject: Ready, text: "First password \${{ steps.account.output.password }}" }
outputs: { serial: "\${{ steps.desk.output.serial }}" }`);

interface Verdict {
  name: string;
  problems: string[];
  result: Rehearsed;
}

async function verdicts(text: string, plan: Plan = joiner, plans: Plan[] = [plan]): Promise<Verdict[]> {
  const read = readTestFile({
    path: 'x.test.yaml',
    text,
    beside: plan.runbook,
    plans,
    catalogue: testCatalogue,
  });
  if (!read.file)
    throw new Error(read.diagnostics.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  const found: Verdict[] = [];
  for (const script of read.file.tests) {
    const result = await rehearse({ plan, plans, catalogue: testCatalogue, surroundings, script });
    if (!('journal' in result)) throw new Error(result.problems.join(' '));
    const problems = [...result.problems, ...differences(result, script.expect, surroundings.calendars)];
    found.push({ name: script.name, problems, result });
  }
  return found;
}

async function problemsOf(test: string, plan?: Plan, plans?: Plan[]): Promise<string[]> {
  const body = test
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
  const text = `defaults: { inputs: { who: a.lee@example.com } }\ntests:\n  - name: it\n${body}\n`;
  return (await verdicts(text, plan, plans))[0]?.problems ?? [];
}

describe('a test of a runbook', () => {
  it('passes when everything comes as it expects', async () => {
    const problems = await problemsOf(`actions: { account: { output: { id: "7" } } }
events:
  - { approve: signoff, by: n.abe@example.com, after: 2h }
  - { complete: desk, output: { serial: X1 }, after: 1h }
expect:
  path: [look, signoff, account, desk, welcome]
  calls:
    account: { userPrincipalName: a.lee@example.com }
    welcome: { text: { contains: First password sample password } }
  outputs: { serial: X1 }
  takes: 3h
  told: [{ to: m.roth@example.com, subject: Please sign }]`);
    expect(problems).toEqual([]);
  });

  it('says what differs, in what was expected and what it is', async () => {
    const problems = await problemsOf(`events:
  - approve: signoff
  - { complete: desk, output: { serial: X1 } }
expect:
  status: rejected
  reason: no
  path: [look, account]
  steps: { welcome: skipped }
  calls: { account: { displayName: Old }, account.undo: { user: x } }
  notCalled: [welcome]
  outputs: { serial: X2 }
  takes: { atLeast: 1d }
  told: [{ to: i.novak@example.com }]`);
    expect(problems).toEqual([
      'status: expected rejected, and it is succeeded',
      'reason: expected "no", and it is ""',
      'path: expected account at place 2, and there is signoff; it went look, signoff, account, desk, welcome',
      'steps.welcome: expected skipped, and it is succeeded',
      'calls.account.displayName: expected "Old", and it is "New"',
      'calls.account.undo: expected a call, and there was none',
      'notCalled: welcome was called, with {"to":"m.roth@example.com","subject":"Ready","text":"First password sample password"}',
      'outputs.serial: expected "X2", and it is "X1"',
      'takes: expected at least 1d, and it took no time',
      expect.stringMatching(/^told: expected \{"to":"i.novak@example.com"\}, and there was "Please sign/),
    ]);
  });

  it('says who is waited for when nobody comes', async () => {
    expect(await problemsOf('events:\n  - approve: signoff')).toEqual([
      'status: expected succeeded, and it is parked; desk failed: "desk" was not done in time by c.kim@example.com.',
    ]);
  });

  it('names an event that never became possible, and one that was refused', async () => {
    expect(
      await problemsOf(`events:
  - { approve: signoff, by: someone@example.com }
  - reject: signoff
  - retry: account
expect: { status: rejected }`),
    ).toEqual([
      'line 5: `approve: signoff, by someone@example.com` was refused: someone@example.com was not asked to sign "signoff". Asked: m.roth@example.com, n.abe@example.com.',
      'line 7: `retry: account` never became possible.',
    ]);
  });

  it('can expect that something is refused', async () => {
    expect(
      await problemsOf(`requester: m.roth@example.com
events:
  - { approve: signoff, by: m.roth@example.com, refused: true }
  - { approve: signoff, by: n.abe@example.com }
  - { reject: signoff, by: n.abe@example.com, refused: true }
  - { complete: desk, output: { serial: X1 } }`),
    ).toEqual([]);
    expect(
      await problemsOf('events:\n  - { reject: signoff, refused: true }\nexpect: { status: rejected }'),
    ).toEqual(['line 5: `reject: signoff` was accepted, and should have been refused.']);
  });

  it('lets actions fail, take their time, and answer otherwise the next time', async () => {
    expect(
      await problemsOf(`actions:
  account: [{ fails: Directory is away }, { takes: 20m, output: { id: "9" } }]
events:
  - approve: signoff
  - { retry: account, after: 10m }
  - { complete: desk, output: { serial: X1 } }
expect:
  failures: { account: Directory is away }
  takes: 30m
  told: [{ to: c.kim@example.com, subject: Needs you }]`),
    ).toEqual([]);
  });

  it('holds an action to the form its input must have', async () => {
    const plan = planOf(`inputs: { who: { type: string } }
steps:
  - id: account
    uses: entra.createUser
    with: { userPrincipalName: "\${{ lower(inputs.who) }}", displayName: New, usageLocation: DE }`);
    expect(await problemsOf('inputs: { who: nobody }\nexpect: { status: parked }', plan)).toEqual([]);
    expect(await problemsOf('inputs: { who: nobody }', plan)).toEqual([
      expect.stringContaining('`userPrincipalName` must be an e-mail address'),
    ]);
  });

  it('amends, aborts, pauses and resumes', async () => {
    expect(
      await problemsOf(`events:
  - { pause: HR asks to wait, after: 1h }
  - { approve: signoff, after: 1h }
  - { resume: HR is fine with it, after: 2h }
  - { abort: The offer was withdrawn, when: desk, after: 1h }
expect:
  status: cancelled
  reason: The offer was withdrawn
  steps: { account: undone }
  path: [look, signoff, account, desk, account.undo]
  takes: 5h`),
    ).toEqual([]);
  });

  it('names the steps of a called runbook behind the step that calls it', async () => {
    const called = `runbook: tell
inputs: { whom: { type: string, format: email } }
steps:
  - { id: signoff, approve: { from: [role:it-managers] } }
  - { id: send, uses: mail.send, with: { to: "\${{ inputs.whom }}", subject: Hello, text: Hello } }`;
    const caller = planOf(
      'inputs: { who: { type: string, format: email } }\nsteps:\n  - { id: tell, runbook: tell, with: { whom: "${{ inputs.who }}" } }',
      [called],
    );
    const { plans } = await import('../compiler/testing.ts').then(({ compilePart }) =>
      compilePart(called, { others: [] }),
    );
    expect(
      await problemsOf(
        `events:
  - { approve: tell.signoff, after: 1h }
expect:
  path: [tell.signoff, tell.send]
  calls: { tell.send: { to: a.lee@example.com } }
  takes: 1h`,
        caller,
        [caller, ...plans],
      ),
    ).toEqual([]);
  });
});

describe('a test is red where production refuses', () => {
  const signed = 'events:\n  - approve: signoff\n  - { complete: desk, output: { serial: X1 } }\n';
  const shipping = planOf(`inputs:
  who: { type: string, format: email }
steps:
  - id: shipped
    wait: { event: order.shipped, key: "\${{ inputs.who }}" }
  - id: each
    forEach: '["a", "b"]'
    as: part
    steps:
      - id: look
        uses: entra.getUser
        with: { user: "\${{ part }}" }`);

  it('when an answer is larger than a run can keep', async () => {
    const large = `actions: { look: { output: { displayName: ${'x'.repeat(300_000)} } } }\n`;
    expect((await problemsOf(large + signed)).join()).toContain('more than the 256 KB a run can keep');
  });

  it('when nobody waits for an event, or not for its key', async () => {
    const came = (key: string) => `events:\n  - { event: order.shipped, key: ${key}, data: {} }\nexpect: {}`;
    expect(await problemsOf(came('a.lee@example.com'), shipping)).toEqual([]);
    const [problem] = await problemsOf(came('other'), shipping);
    expect(problem).toMatch(
      /^line \d+: no step waited for order\.shipped with the key "other"; what was waited for: /,
    );
  });

  it('when somebody sends an event that the step takes from others alone', async () => {
    const released = planOf(`inputs:
  who: { type: string, format: email }
steps:
  - id: released
    wait: { event: hold.released, key: "\${{ inputs.who }}", from: [role:it-managers], within: 1d }`);
    const sent = (by: string) =>
      `events:\n  - { event: hold.released, key: a.lee@example.com, by: ${by} }\nexpect: { status: succeeded }`;
    expect(await problemsOf(sent('n.abe@example.com'), released)).toEqual([]);
    expect((await problemsOf(sent('c.kim@example.com'), released)).join()).toContain('it is parked');
  });

  it('when an item that it answers for does not exist', async () => {
    const event = 'events:\n  - { event: order.shipped, key: a.lee@example.com, data: {} }\n';
    const answer = (item: string) => `actions: { "${item}": { output: { id: "7" } } }\n${event}`;
    expect(await problemsOf(answer('look[1]'), shipping)).toEqual([]);
    expect(await problemsOf(answer('look[2]'), shipping)).toEqual([
      'actions: `look[2]` was never called; there is no such item.',
    ]);
  });

  it('when a message or a word should not have gone out', async () => {
    const expecting = (what: string) => problemsOf(`${signed}expect:\n  ${what}`);
    expect(await expecting('notTold: [{ to: i.novak@example.com }]')).toEqual([]);
    expect((await expecting('notTold: [{ to: m.roth@example.com, subject: Please sign }]'))[0]).toMatch(
      /^notTold: expected no .*, and there was "Please sign/,
    );
    expect(await expecting('calls: { welcome: { text: { notContains: Second } } }')).toEqual([]);
    expect((await expecting('calls: { welcome: { text: { notContains: First } } }'))[0]).toContain(
      'expected nothing like "First"',
    );
    const both = (contains: string, notContains: string) =>
      expecting(`calls: { welcome: { text: { contains: ${contains}, notContains: ${notContains} } } }`);
    expect(await both('First', 'Second')).toEqual([]);
    expect(await both('Second', 'Third')).toHaveLength(1);
    expect(await both('First', 'First')).toHaveLength(1);
  });

  it('when something is called more often, or at another time, than it says', async () => {
    const late = signed.replace('approve: signoff', '{ approve: signoff, after: 2h }');
    const expecting = (what: string) => problemsOf(`${late}expect:\n  called: { ${what} }`);
    expect(await expecting('account: 1, mail.send: 1, account.undo: 0')).toEqual([]);
    expect(await expecting('account: { at: "2026-01-05T11:00" }')).toEqual([]);
    expect(await expecting('account: 2')).toEqual([
      'called.account: expected 2 calls, and there were 1: 2026-01-05T11:00:00',
    ]);
    expect(await expecting('account: { at: "2026-01-05T10:00" }')).toEqual([
      'called.account: expected a call at 2026-01-05T10:00, and it was at 2026-01-05T11:00:00',
    ]);
  });

  it('when an item that it does not want called is none of the list', async () => {
    const event = 'events:\n  - { event: order.shipped, key: a.lee@example.com, data: {} }\n';
    const expecting = (what: string) => problemsOf(`${event}expect:\n  ${what}`, shipping);
    expect(await expecting('called: { "look[1]": 1 }')).toEqual([]);
    expect(await expecting('notCalled: ["look[2]"]')).toEqual(['look[2]: the run has no such item']);
  });

  it('when attempts fail in passing, more often than the step is tried', async () => {
    const failing = (times: number, called: string) =>
      problemsOf(
        `actions: { account: { fails: { times: ${times}, says: Busy }, output: { id: "7" } } }\n${signed}expect:\n  called: { account: ${called} }`,
      );
    expect(
      await failing(2, '{ at: ["2026-01-05T09:00:00", "2026-01-05T09:00:01", "2026-01-05T09:00:03"] }'),
    ).toEqual([]);
    expect((await failing(6, '6')).join('\n')).toContain('account failed: Busy');
  });

  it('when a repeat takes more rounds, or fewer', async () => {
    const synced = planOf(`inputs: { who: { type: string, format: email } }
steps:
  - id: sync
    repeat: { until: steps.look.output.tags.size() > 0, every: 5m, atMost: 10 }
    steps:
      - { id: look, uses: entra.getUser, with: { user: "\${{ inputs.who }}" } }`);
    const taking = (rounds: string) =>
      problemsOf(
        `actions: { look: [{ output: { tags: [] } }, { output: { tags: [] } }, { output: { tags: [x] } }] }\nexpect:\n  rounds: { ${rounds} }`,
        synced,
      );
    expect(await taking('sync: 3')).toEqual([]);
    expect(await taking('sync: 2')).toEqual(['rounds.sync: expected 2 rounds, and it took 3']);
    await expect(taking('look: 2')).rejects.toThrow('is for a `repeat`');
  });

  it('when it names what no call and no run can have', async () => {
    const expecting = (what: string) => problemsOf(`${signed}expect:\n  ${what}`);
    await expect(expecting('calls: { welcome: { txt: { notContains: Second } } }')).rejects.toThrow(
      '`txt` is no key of a call of mail.send',
    );
    await expect(expecting('outputs: { serail: X1 }')).rejects.toThrow('gives no output `serail`');
    await expect(expecting('notTold: [{}]')).rejects.toThrow('at least one key');
  });

  it('when it leaves out what the action never leaves out', async () => {
    await expect(problemsOf(`actions: { look: { absent: [userPrincipalName] } }\n${signed}`)).rejects.toThrow(
      '`userPrincipalName` is never left out',
    );
    const absent = planOf(
      'inputs: { who: { type: string } }\nsteps:\n  - { id: look, uses: entra.getUser, with: { user: "${{ inputs.who }}" } }\noutputs: { name: "${{ steps.look.output.displayName.orValue(\'none\') }}", job: "${{ steps.look.output.jobTitle.orValue(\'none\') }}" }',
    );
    const test =
      'actions: { look: { absent: [displayName, jobTitle] } }\nexpect: { outputs: { name: none, job: none } }';
    expect(await problemsOf(test, absent)).toEqual([]);
  });

  it('and green when an event reaches the called runbook that waits for it, also when it comes early', async () => {
    const called =
      'runbook: ship\ninputs: { whom: { type: string } }\nsteps:\n  - { id: shipped, wait: { event: order.shipped, key: "${{ inputs.whom }}" } }\n';
    const caller = planOf(
      'inputs: { who: { type: string } }\nsteps:\n  - wait: { for: 1h }\n  - { id: ship, runbook: ship, with: { whom: "${{ inputs.who }}" } }',
      [called],
    );
    const { plans } = await import('../compiler/testing.ts').then(({ compilePart }) => compilePart(called));
    for (const after of ['', ', after: 2h'])
      expect(
        await problemsOf(
          `events:\n  - { event: order.shipped, key: a.lee@example.com, data: {}${after} }\nexpect: { status: succeeded }`,
          caller,
          [caller, ...plans],
        ),
      ).toEqual([]);
  });
});

describe('the coverage of tests', () => {
  it('names the steps and branches that no test went through', async () => {
    const found = await verdicts(`defaults: { inputs: { who: a.lee@example.com } }
tests:
  - name: refused
    events: [{ reject: signoff }]
    expect: { status: rejected }`);
    const coverage = coverageOf(
      joiner,
      found.map(({ result }) => result),
    );
    expect(coverage).toMatchObject({ steps: { tested: 2, all: 5 }, branches: { tested: 1, all: 2 } });
    expect(coverage.untested.map(({ step, what }) => `${step} ${what}`)).toEqual([
      'account never ran',
      'desk never ran',
      'welcome never ran',
      'welcome was never left out by its `if`',
    ]);
    expect(coverage.untested[0]?.line).toBeGreaterThan(1);
  });
});

describe('a simulation without a script', () => {
  it('lets everybody who is asked say yes after an hour', async () => {
    const result = await rehearse({
      plan: joiner,
      plans: [joiner],
      catalogue: testCatalogue,
      surroundings,
      script: { inputs: sampleInputs(joiner, {}), actions: {}, events: [] },
      helpers: approveAutomatically,
    });
    if (!('journal' in result)) throw new Error(result.problems.join(' '));
    expect(result.status).toBe('succeeded');
    expect(pathOf(result)).toEqual(['look', 'signoff', 'account', 'desk', 'welcome']);
    expect(result.endedAt - result.startedAt).toBe(2 * 3_600_000);
  });
});

describe('An approval with a form, in a test', () => {
  const extension = planOf(`steps:
  - id: sign
    approve: { from: [role:it-managers], quorum: 2, within: 2d, form: { endDate: { type: string, format: date } } }
  - id: tell
    uses: mail.send
    with: { to: m.roth@example.com, subject: Ends, text: "Ends on \${{ steps.sign.output.endDate }}" }`);

  it('is filled in by whoever approves, and whoever filled in something else is asked again', async () => {
    const [verdict] = await verdicts(
      `tests:
  - name: two values
    events:
      - { approve: sign, by: m.roth@example.com, form: { endDate: 2026-03-31 } }
      - { approve: sign, by: n.abe@example.com, form: { endDate: 2026-06-30 } }
      - { approve: sign, by: m.roth@example.com, form: { endDate: 2026-06-30 }, after: 1h }
    expect:
      told: [{ to: m.roth@example.com, subject: with other values, text: 'countersign approve rehearsal sign --field endDate=2026-06-30' }]
      calls: { tell: { text: Ends on 2026-06-30 } }
`,
      extension,
    );
    expect(verdict?.problems).toEqual([]);
  });

  it('says what is missing and what does not fit', async () => {
    const found = await verdicts(
      `tests:
  - { name: nothing, events: [{ approve: sign }], expect: { waitsFor: [sign] } }
  - { name: refused, events: [{ approve: sign, form: { endDate: soon }, refused: true }], expect: { status: rejected } }
`,
      extension,
    );
    expect(found[0]?.problems.join()).toMatch(/`endDate` is missing/);
    expect(found[1]?.problems).toEqual([]);
    await expect(
      verdicts(
        'tests:\n  - { name: x, events: [{ reject: sign, form: { endDate: 2026-01-31 } }] }',
        extension,
      ),
    ).rejects.toThrow(/approvals with a `form`/);
    await expect(
      verdicts('tests:\n  - { name: x, events: [{ approve: sign, form: { end: 2026-01-31 } }] }', extension),
    ).rejects.toThrow(/endDate/);
  });

  it('is filled in by everybody where nobody says with what', async () => {
    const result = await rehearse({
      plan: extension,
      plans: [extension],
      catalogue: testCatalogue,
      surroundings,
      script: { inputs: sampleInputs(extension, {}), actions: {}, events: [] },
      helpers: approveAutomatically,
    });
    expect(result).toMatchObject({ status: 'succeeded' });
  });
});
