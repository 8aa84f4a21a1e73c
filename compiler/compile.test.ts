import { describe, expect, it } from '@jest/globals';
import { hashOf } from '../plan/hash.ts';
import type { Json, Step } from '../plan/plan.ts';
import { compile } from './compile.ts';
import { completeExample } from './diagnostics/registry.ts';
import { compilePart, planOf, problemsOf, testCatalogue } from './testing.ts';

const user = 'uses: entra.getUser\n    with: { user: a@example.com }\n';

function stepOf(part: string): Step | undefined {
  return planOf(`steps:\n  - ${part}`).steps[0];
}

describe('a plan', () => {
  it('carries an action with its timeout, retries and undo', () => {
    const plan = planOf(`defaults:
  timeout: 90s
  retry: { attempts: 3, first: 2s }
steps:
  - id: account
    title: Create
    uses: entra.createUser
    timeout: 5m
    with: { userPrincipalName: a@example.com, displayName: Ann, usageLocation: DE }
    undo:
      if: steps.account.output.id != "4711"
      uses: entra.deleteUser
      with: { user: "\${{ steps.account.output.id }}" }
  - uses: entra.getUser
    with: { user: "\${{ steps.account.output.id }}" }
`);
    expect(plan.steps).toEqual([
      {
        id: 'account',
        title: 'Create',
        kind: 'action',
        uses: 'entra.createUser',
        effect: 'write',
        with: { userPrincipalName: 'a@example.com', displayName: 'Ann', usageLocation: 'DE' },
        timeoutMs: 300_000,
        retry: { attempts: 3, firstMs: 2_000, factor: 2, maxMs: 60_000 },
        undo: {
          if: 'steps.account.output.id != "4711"',
          uses: 'entra.deleteUser',
          with: { user: { $expr: 'steps.account.output.id' } },
        },
        needed: true,
      },
      {
        id: 'step2',
        kind: 'action',
        uses: 'entra.getUser',
        effect: 'read',
        with: { user: { $expr: 'steps.account.output.id' } },
        timeoutMs: 90_000,
        retry: { attempts: 3, firstMs: 2_000, factor: 2, maxMs: 60_000 },
      },
    ]);
    expect(plan.positions.account).toEqual({ file: 'example.yaml', line: 9, column: 5 });
  });

  it('lets a step be skipped whose output nothing but its own undo reads', () => {
    const plan = planOf(`steps:
  - id: account
    uses: entra.createUser
    with: { userPrincipalName: a@example.com, displayName: Ann, usageLocation: DE }
    undo:
      if: steps.account.output.id != "4711"
      uses: entra.deleteUser
      with: { user: "\${{ steps.account.output.id }}" }
`);
    expect(plan.steps[0]).not.toHaveProperty('needed');
  });

  it('carries a secret by name alone, also within text', () => {
    const step = stepOf(
      'uses: entra.getUser\n    with: { user: "Bearer ${{ secrets.token }} of ${{ run.id }}" }',
    );
    expect(step).toMatchObject({
      with: { user: { $text: ['Bearer ', { $secret: 'token' }, ' of ', { $expr: 'run.id' }] } },
    });
    const problems = problemsOf(
      'steps:\n  - uses: entra.getUser\n    with: { user: "Bearer ${{ secrets.tokn }}" }',
    );
    expect(problems.join()).toContain('tokn');
  });

  it('carries an approval', () => {
    expect(
      stepOf(
        'approve: { from: [role:it-managers, "${{ run.requester }}"], quorum: majority, within: 2 business days, remind: 1d, escalate: role:it-director, show: { a: "b ${{ run.id }}" }, onReject: continue }',
      ),
    ).toEqual({
      id: 'step1',
      kind: 'approve',
      from: ['role:it-managers', { $expr: 'run.requester' }],
      quorum: 'majority',
      within: { businessDays: 2 },
      remind: { ms: 86_400_000 },
      escalate: 'role:it-director',
      show: { a: { $text: ['b ', { $expr: 'run.id' }] } },
      onReject: 'continue',
    });
  });

  it('carries a secret by its name, also within text', () => {
    const { steps } = planOf(
      'steps:\n  - uses: entra.getUser\n    with: { user: "Bearer ${{ secrets.token }}" }\n',
    );
    expect(steps[0]).toMatchObject({ with: { user: { $text: ['Bearer ', { $secret: 'token' }] } } });
  });

  it('carries a task with its form', () => {
    expect(
      stepOf(
        'task: { to: role:it-managers, instructions: Look, form: { serial: { type: string } }, within: 1h30m, onExpiry: continue }',
      ),
    ).toEqual({
      id: 'step1',
      kind: 'task',
      to: 'role:it-managers',
      instructions: 'Look',
      form: { serial: { type: 'string' } },
      within: { ms: 5_400_000 },
      onExpiry: 'continue',
    });
  });

  it('carries waits', () => {
    expect(stepOf('wait: { for: 10m }')).toEqual({ id: 'step1', kind: 'wait', for: { ms: 600_000 } });
    expect(stepOf('wait: { until: "2026-01-31" }')).toEqual({
      id: 'step1',
      kind: 'wait',
      until: '2026-01-31',
    });
    expect(stepOf('wait: { event: order.shipped, key: "${{ run.id }}", within: 10d }')).toEqual({
      id: 'step1',
      kind: 'wait',
      event: { name: 'order.shipped', key: { $expr: 'run.id' } },
      within: { ms: 864_000_000 },
    });
    const from = '["cxml: Acme", role:it-coordinators, "${{ run.requester }}"]';
    expect(stepOf(`wait: { event: order.shipped, key: k, from: ${from} }`)).toMatchObject({
      event: {
        name: 'order.shipped',
        key: 'k',
        from: ['cxml: Acme', 'role:it-coordinators', { $expr: 'run.requester' }],
      },
    });
    expect(stepOf('wait: { event: order.shipped, key: k, from: role:it-coordinators }')).toMatchObject({
      event: { from: ['role:it-coordinators'] },
    });
  });

  it('carries a window, branches, a group with its other half, a repeat and an end', () => {
    const { steps } = planOf(`inputs: { big: { type: boolean } }
steps:
  - id: patch
    window: { calendar: prod-maintenance, freeze: [year-end], needs: 90m, overrun: undo, steps: [{ wait: { for: 1m } }] }
  - id: both
    parallel:
      one: [{ wait: { for: 1m } }]
      two: [{ wait: { for: 2m } }]
  - id: maybe
    if: inputs.big
    steps: [{ wait: { for: 1m } }]
    else: [{ wait: { for: 2m } }]
  - id: poll
    repeat: { until: steps.found.output.jobTitle.orValue("") != "", every: 5m, atMost: 2h }
    steps:
      - id: found
        ${user.replaceAll('\n    ', '\n        ')}
  - end: { status: cancelled, reason: "no \${{ steps.poll.output.rounds }}" }
`);
    const wait = (id: string, ms: number) => ({ id, kind: 'wait', for: { ms } });
    expect(steps).toEqual([
      {
        id: 'patch',
        kind: 'window',
        calendar: 'prod-maintenance',
        freeze: ['year-end'],
        needs: { ms: 5_400_000 },
        overrun: 'undo',
        steps: [wait('patch1', 60_000)],
      },
      {
        id: 'both',
        kind: 'parallel',
        branches: { one: [wait('one1', 60_000)], two: [wait('two1', 120_000)] },
      },
      {
        id: 'maybe',
        kind: 'group',
        if: 'inputs.big',
        steps: [wait('maybe1', 60_000)],
        else: [wait('maybeElse1', 120_000)],
      },
      {
        id: 'poll',
        kind: 'repeat',
        needed: true,
        until: 'steps.found.output.?jobTitle.nonNull().orValue("") != ""',
        every: { ms: 300_000 },
        atMost: { ms: 7_200_000 },
        steps: [expect.objectContaining({ id: 'found', needed: true })],
      },
      {
        id: 'step5',
        kind: 'end',
        status: 'cancelled',
        reason: { $text: ['no ', { $expr: 'steps.poll.output.rounds' }] },
      },
    ]);
  });

  it('carries a forEach', () => {
    expect(
      planOf(`inputs: { people: { type: array, items: { type: string } } }
steps:
  - id: each
    forEach: inputs.people
    as: person
    concurrency: 5
    tolerate: 5%
    collect: 10
    steps:
      - uses: entra.getUser
        with: { user: "\${{ person }}" }
  - forEach: [a, b]
    as: person
    tolerate: 2
    steps:
      - uses: entra.getUser
        with: { user: "\${{ person }}" }
`).steps,
    ).toEqual([
      expect.objectContaining({
        items: 'inputs.people',
        as: 'person',
        concurrency: 5,
        tolerate: { fraction: 0.05 },
        collect: 10,
      }),
      expect.objectContaining({ items: '["a","b"]', concurrency: 1, tolerate: { count: 2 } }),
    ]);
  });

  it('calls another runbook by its hash, with types of its inputs and outputs', () => {
    const child =
      'runbook: child\ninputs: { who: { type: string } }\noutputs:\n  id: ${{ inputs.who }}\n  n: ${{ 1 }}\n';
    const call = (wanted: string) =>
      `steps:\n  - id: call\n    runbook: child\n    with: { who: a }\n  - uses: entra.getUser\n    with: { user: "\${{ steps.call.output.${wanted} }}" }\n`;
    const result = compilePart(call('id'), { others: [child] });
    expect(result.diagnostics).toEqual([]);
    const [parent, called] = result.plans;
    expect(parent?.steps[0]).toEqual({
      id: 'call',
      kind: 'runbook',
      runbook: 'child',
      planHash: called?.hash,
      with: { who: 'a' },
      needed: true,
    });
    expect(problemsOf(call('n'), { others: [child] })[0]).toMatch(/^10:19 CS1321 /);
  });

  it('finds calls in a circle, calls of broken runbooks, and names that stand twice', () => {
    const others = ['runbook: second\nsteps:\n  - runbook: example\n'];
    expect(problemsOf('steps:\n  - runbook: second\n', { others })).toEqual([
      '6:14 CS1405 The runbook `second` has errors of its own, so that it cannot be called. Correct it first.',
      '6:14 CS1406 This goes in a circle: example → second → example. Runbooks cannot call themselves, directly or through others.',
    ]);
    expect(problemsOf('', { others: ['runbook: example\n'] })[0]).toMatch(/CS1407 .* example.yaml/);
  });

  it('keeps which changes of the ticket cancel its run, and refuses a `cancel` that says none', () => {
    const on = (cancel: string) => `on:\n  - ticket: { system: jira, to: Done }\n    cancel: ${cancel}\n`;
    const cancelOf = (cancel: string) => {
      const [trigger] = planOf(on(cancel)).triggers;
      return trigger?.type === 'ticket' ? trigger.cancel : undefined;
    };
    expect(cancelOf('{ deleted: true }')).toEqual({ deleted: true });
    expect(cancelOf('{ to: [Rejected], deleted: true }')).toEqual({ to: ['Rejected'], deleted: true });
    expect(cancelOf('{ to: [Rejected] }')).toEqual({ to: ['Rejected'] });
    expect(problemsOf(on('{}')).join()).toContain('`cancel` takes at least one key');
    expect(problemsOf(on('{ deleted: false }')).join()).toContain(
      '"false" is no value of `deleted`. It can be `true`.',
    );
    expect(problemsOf(on('{ delete: true }')).join()).toContain('[deleted]');
  });

  it('marks that its steps read the ticket, and not that its triggers do', () => {
    const on =
      'inputs: { a: { type: string } }\nunique: ${{ inputs.a }}\non:\n  - ticket: { system: jira, to: Done }\n    inputs: { a: "${{ ticket.fields.a }}" }\n';
    expect(planOf(on)).not.toHaveProperty('needsTicket');
    expect(planOf('unique: ${{ ticket.key }}\n')).toHaveProperty('needsTicket', true);
    // What it is unique by is known before there is a run.
    expect(problemsOf('unique: ${{ run.id }}\n').join()).toContain('There is no `run` here');
  });

  it('writes names under let out where they are used', () => {
    const { unique } = planOf('let:\n  a: \'"x"\'\n  b: ${{ a + "y" }}\nunique: ${{ b + a }}\n');
    expect(unique).toEqual({ $expr: '(("x") + "y") + ("x")' });
  });

  it('is made only without an error; a warning does not stop it', () => {
    expect(compilePart('title: [a]').plans).toEqual([]);
    expect(compilePart('inputs: { a: { type: string } }').plans).toHaveLength(1);
  });

  it('takes names of roles and calendars as they are when there is no configuration', () => {
    expect(problemsOf('owner: role:nobody-knows', { configuration: null })).toEqual([]);
  });
});

describe('the condition of a step', () => {
  const two = (first: string, second: string) =>
    problemsOf(`inputs: { n: { type: integer } }
steps:
  - id: a
    if: inputs.n > ${first}
    ${user}  - if: ${second}
    uses: entra.getUser
    with: { user: "\${{ steps.a.output.id }}" }
`).map((line) => line.split(' ')[1]);

  it('makes sure of a step with the same condition, however it is written', () => {
    expect(two('3', 'inputs.n>3')).toEqual([]);
    expect(two('3', '(inputs.n > 3) && inputs.n < 9')).toEqual([]);
  });

  it('makes sure of a step whose success it asks for', () => {
    expect(two('3', 'steps.a.status == "succeeded"')).toEqual([]);
    expect(two('3', 'has(steps.a.output)')).toEqual([]);
  });

  it('makes sure of nothing else', () => {
    expect(two('3', 'inputs.n > 4')).toEqual(['CS1308']);
    expect(two('3', 'inputs.n > 3 || inputs.n < 1')).toEqual(['CS1308']);
    expect(two('3', 'steps.a.status != "skipped"')).toEqual(['CS1308']);
    expect(two('3', 'steps.a.status == "failed"')).toEqual(['CS1308']);
  });

  it('holds for the steps of a group, and not for those after it', () => {
    const group = `inputs: { big: { type: boolean } }
steps:
  - if: inputs.big
    steps:
      - id: a
        uses: entra.getUser
        with: { user: x }
      - uses: entra.getUser
        with: { user: "\${{ steps.a.output.id }}" }
`;
    expect(problemsOf(group)).toEqual([]);
    expect(
      problemsOf(`${group}  - uses: entra.getUser\n    with: { user: "\${{ steps.a.output.id }}" }\n`),
    ).toHaveLength(1);
  });
});

describe('the hash', () => {
  const text =
    'inputs: { a: { type: string }, b: { type: string } }\nunique: ${{ inputs.a + inputs.b }}\nsteps:\n  - id: x\n    wait: { for: 10m }\n';

  it('stays when only the form changes', () => {
    const reformatted =
      '# comment\nsteps:\n- wait:\n    for: "10m"   # ten minutes\n  id: x\n\ninputs:\n  b:\n    type: string\n  a:\n    type: string\nunique: "${{inputs.a + inputs.b}}"\n';
    expect(planOf(reformatted).hash).toBe(planOf(text).hash);
    expect(planOf(text.replaceAll('\n', '\r\n')).hash).toBe(planOf(text).hash);
  });

  it('changes with the meaning', () => {
    const hashes = [
      text,
      text.replace('10m', '11m'),
      text.replace('inputs.a + ', ''),
      text.replace('id: x', 'id: y'),
    ].map((part) => planOf(part.replace('inputs.b }', 'inputs.b + inputs.a }')).hash);
    expect(new Set(hashes).size).toBe(4);
  });

  it('is that of the plan without its hash and positions', () => {
    const { hash, positions: _, ...content } = planOf(text);
    expect(hash).toBe(hashOf(content as unknown as Json));
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('a file', () => {
  it('may begin with a byte-order mark and have Windows line ends', () => {
    const { diagnostics } = compile({
      files: [
        {
          path: 'a.yaml',
          text: '\ufeffrunbook: a\r\ntitle: A\r\nkind: othr\r\nowner: a@example.com\r\nsteps:\r\n  - end: { status: succeeded }\r\n',
        },
      ],
      catalogue: testCatalogue,
    });
    expect(
      diagnostics.map(({ line, column, endLine, endColumn, code }) => [
        code,
        line,
        column,
        endLine,
        endColumn,
      ]),
    ).toEqual([['CS1104', 3, 7, 3, 11]]);
  });

  it('of more than 1 MiB is refused', () => {
    const { diagnostics } = compile({
      files: [{ path: 'a.yaml', text: `a: ${'x'.repeat(1_048_577)}` }],
      catalogue: testCatalogue,
    });
    expect(diagnostics.map(({ code }) => code)).toEqual(['CS1001']);
  });

  it('nested without end is refused, not choked on', () => {
    const { diagnostics } = compile({
      files: [{ path: 'a.yaml', text: `a: ${'['.repeat(200_000)}` }],
      catalogue: testCatalogue,
    });
    expect(diagnostics.map(({ code }) => code)).toContain('CS1002');
  });

  it('may name a key __proto__ without any effect', () => {
    const { outputs } = planOf('outputs:\n  x: { __proto__: { polluted: "yes" } }\n');
    expect(Object.keys(outputs.x as object)).toEqual(['__proto__']);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });
});

describe('the time limit', () => {
  it('gives up with a position instead of going on for ever', () => {
    const { plans, diagnostics } = compile({
      files: [{ path: 'a.yaml', text: completeExample('') }],
      catalogue: testCatalogue,
      timeLimitMs: -1,
    });
    expect(plans).toEqual([]);
    expect(diagnostics.map(({ line, code }) => `${line} ${code}`)).toEqual(['8 CS1018']);
  });
});
