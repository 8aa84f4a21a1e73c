/** What an auditor finds out of each write from plan, journal and records alone, whatever the worker that carried it out had looked at. */
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { JsonObject } from '../plan/plan.ts';
import type { AuditFile } from '../store/audit/file.ts';
import { verify } from '../store/audit/verify.ts';
import type { JournalEntry } from '../workflows/journal.ts';
import { describeWith, testDatabase } from './support/services.ts';
import { plansOf, type WarrantedRun, WarrantedRuns } from './support/warranted-runs.ts';

const database = await testDatabase();

const head = (name: string) => `
runbook: ${name}
title: ${name}
kind: other
owner: owner@example.com
on:
  - manual: { by: [owner@example.com] }
`;

/** Behind the approval stands a write that reads nothing at all. */
const leaver = `${head('leaver')}
inputs:
  person: { type: string }
  free: { type: string, default: none, amend: free }
steps:
  - id: find
    uses: test.look
    with: { user: "\${{ inputs.person }}" }
  - id: signoff
    approve: { from: [dana@example.com], within: 1d, show: { person: "\${{ inputs.person }}" } }
  - id: settle
    wait: { for: 1h }
  - id: freeze
    uses: test.note
    with: { note: freeze }
  - id: tag
    uses: test.note
    with: { who: "\${{ steps.find.output.id }}", free: "\${{ inputs.free }}" }
    undo: { uses: test.note, with: { off: "\${{ inputs.person }}", did: "\${{ steps.tag.output.done }}" } }
  - id: told
    uses: test.note
    with: { was: "\${{ steps.tag.status }}", by: "\${{ steps.signoff.approvers[0] }}", for: "\${{ run.requester }}", in: "\${{ organisation.site }}" }
  - id: stop
    if: \${{ inputs.person == "undone" }}
    end: { status: failed, reason: enough }
`;

const rounds = `${head('rounds')}
inputs:
  groups: { type: array, items: { type: string }, maxItems: 10 }
steps:
  - id: signoff
    approve: { from: [dana@example.com], within: 1d, show: { groups: "\${{ inputs.groups }}" } }
  - id: each
    forEach: \${{ inputs.groups }}
    as: group
    steps:
      - id: look
        uses: test.look
        with: { user: "\${{ group }}" }
      - id: add
        uses: test.note
        with: { group: "\${{ group }}", id: "\${{ steps.look.output.id }}" }
`;

const rings = `${head('rings')}
inputs:
  rings: { type: array, items: { type: string }, maxItems: 10 }
steps:
  - id: signoff
    approve: { from: [dana@example.com], within: 1d, show: { rings: "\${{ inputs.rings }}" } }
  - id: each
    forEach: \${{ inputs.rings }}
    as: ring
    steps:
      - id: look
        uses: test.look
        with: { user: "\${{ ring }}" }
      - id: devices
        forEach: \${{ [steps.look.output.id, "spare"] }}
        as: device
        steps:
          - id: sync
            uses: test.note
            with: { ring: "\${{ ring }}", device: "\${{ device }}" }
finally:
  - id: close
    uses: test.note
    with: { note: "\${{ run.status }}" }
`;

const caller = `${head('caller')}
inputs:
  person: { type: string }
steps:
  - id: signoff
    approve: { from: [dana@example.com], within: 1d, show: { person: "\${{ inputs.person }}" } }
  - id: twice
    onError: abort
    repeat:
      every: 1m
      atMost: 2
      until: \${{ steps.tell.output.done == "9" }}
    steps:
      - id: tell
        runbook: called
        with: { name: "\${{ inputs.person }}" }
`;

const callsOnce = `${head('calls-once')}
inputs:
  person: { type: string }
steps:
  - id: signoff
    approve: { from: [dana@example.com], within: 1d, show: { person: "\${{ inputs.person }}" } }
  - id: tell
    runbook: called
    with: { name: "\${{ inputs.person }}" }
`;

/** More items than one history holds; those of the second step read what the one before gave. */
const many = `${head('many')}
inputs:
  people: { type: array, items: { type: string }, maxItems: 1000 }
  note: { type: string }
steps:
  - id: signoff
    approve: { from: [dana@example.com], within: 1d, show: { people: "\${{ inputs.people }}" } }
  - id: each
    forEach: \${{ inputs.people }}
    as: person
    concurrency: 10
    steps:
      - id: add
        uses: test.note
        with: { who: "\${{ person }}", note: "\${{ inputs.note }}" }
      - id: told
        if: \${{ person.endsWith("0") }}
        uses: test.note
        with: { did: "\${{ steps.add.output.done }}" }
`;

const called = `${head('called')}
inputs:
  name: { type: string }
steps:
  - id: enable
    uses: test.enable
    with: { user: "\${{ inputs.name }}" }
    undo: { uses: test.remove, with: { user: "\${{ inputs.name }}" } }
outputs:
  done: \${{ string(size(inputs.name)) }}
`;

describeWith(database)('An auditor', () => {
  let runs: WarrantedRuns;

  beforeAll(async () => {
    runs = await WarrantedRuns.over(database?.url ?? '');
  });

  beforeEach(() => {
    runs.looks = ({ user }) => ({ id: `id of ${user}` });
    runs.fault = (call) => call;
  });

  afterAll(async () => {
    await runs.store.close();
    await database?.drop();
  });

  async function ended(person = 'lee', text = leaver): Promise<WarrantedRun> {
    const run = await runs.start(
      plansOf(text),
      { person, free: 'none' },
      { engine: 5, organisation: { site: 'Graz' } },
    );
    await run.vote('signoff', 'dana@example.com');
    await run.finish();
    await run.journalled();
    return run;
  }

  async function fileOf(run: WarrantedRun): Promise<AuditFile> {
    const file = await runs.store.audit.file(run.id);
    if (!file) throw new Error('no run');
    return file;
  }

  /** As whoever has the database could: the journal of a live run is not sealed yet. */
  function changed(file: AuditFile, change: (entry: JournalEntry, data: JsonObject) => void): string {
    const journal = structuredClone(file.journal);
    for (const entry of journal) change(entry, entry.data ?? {});
    return found({ ...file, journal });
  }

  /** By its file alone, and with the installation's keys. */
  function found(file: AuditFile): string {
    const messages = [...verify(file).findings, ...verify(file, runs.seal).findings].map(
      ({ message }) => message,
    );
    return [...new Set(messages)].join('\n');
  }

  it('follows lists that stand in lists, and what is told when the run has ended', async () => {
    const run = await runs.start(plansOf(rings), { rings: ['pilot', 'broad'] }, { engine: 5 });
    await run.vote('signoff', 'dana@example.com');
    await run.finish();
    await run.journalled();
    const file = await fileOf(run);
    expect(found(file)).toBe('');
    expect(
      changed(file, ({ kind, step }, data) => {
        if (kind === 'step.succeeded' && step === 'sync[0][0]') data.input = { ring: 'all', device: 'x' };
        if (kind === 'step.succeeded' && step === 'close') data.input = { note: 'cancelled' };
      }),
    ).toMatch(/"sync\[0\]\[0\]" with something else.*"close" with something else/s);
  });

  it('finds nothing where what was signed happened, and computes every write again', async () => {
    const run = await ended();
    expect(found(await fileOf(run))).toBe('');
    expect((await run.verdict()).counts).toMatchObject({ computed: 3, notComputed: 0 });
  });

  it('computes again what was taken back', async () => {
    const file = await fileOf(await ended('undone'));
    expect(found(file)).toBe('');
    const other = changed(file, ({ kind }, data) => {
      if (kind === 'step.undone') data.input = { off: 'kim', did: true };
    });
    expect(other).toMatch(/called for "the undo of tag" with something else than its plan makes/);
  });

  it.each([
    ['that reads what a step gave', 'tag', { who: 'id of kim', free: 'none' }],
    ['that reads nothing', 'freeze', { note: 'melt' }],
    [
      'that reads how a step ended, who signed and who asked',
      'told',
      { was: 'succeeded', by: 'eve@example.com', for: 'asker@example.com', in: 'Graz' },
    ],
  ])('finds a write %s and was called with something else', async (_, step, input) => {
    const file = await fileOf(await ended());
    const words = changed(file, (entry, data) => {
      if (entry.kind === 'step.succeeded' && entry.step === step) data.input = input;
    });
    expect(words).toContain(
      `says that test.note was called for "${step}" with something else than its plan makes of what was in force.`,
    );
    expect(words).toContain(`says with what "${step}" was called, and it was called with something else.`);
  });

  it('finds that an engine called a write with something else than it tells', async () => {
    runs.fault = (call) =>
      call.step === 'tag' ? { ...call, input: { who: 'id of eve', free: 'none' } } : call;
    expect(found(await fileOf(await ended()))).toMatch(
      /says with what "tag" was called, and it was called with something else/,
    );
  });

  it('finds a write that reads nothing and names no warrant of the approval that it is behind', async () => {
    const run = await ended();
    await run.recordUnwarranted('freeze');
    expect(found(await fileOf(run))).toMatch(
      /began for "freeze", which is behind the approval "signoff", and no warrant of that is on record for it/,
    );
  });

  it('finds a write that was done before its approval was given, by the journal', async () => {
    const file = await fileOf(await ended());
    const journal = file.journal.filter(({ kind }) => kind !== 'gate.approved');
    expect(found({ ...file, journal })).toMatch(
      /called for "freeze", and "signoff", behind which it is, had not been given/,
    );
  });

  it('finds that an input was changed after it was signed, and nobody signed that', async () => {
    // As an engine would tell it that lets a change by hand through, and acts on it.
    const letThrough = (entry: JournalEntry, data: JsonObject) => {
      const amended = { by: 'owner@example.com', before: { free: 'none' }, after: { free: 'x' } };
      if (entry.kind === 'wait.started') Object.assign(entry, { kind: 'run.amended', data: amended });
      if (entry.kind === 'step.succeeded' && entry.step === 'tag')
        data.input = { who: 'id of lee', free: 'x' };
    };
    // Its author lets it be changed: only that it is another than on record is found.
    expect(changed(await fileOf(await ended()), letThrough)).not.toMatch(/nobody signed that|its plan makes/);
    const strict = await fileOf(await ended('lee', leaver.replace(', amend: free', '')));
    expect(changed(strict, letThrough)).toMatch(
      /called for "tag" with the input free as it was changed after it was signed, and nobody signed that/,
    );
  });

  it('finds that what somebody typed for a step was used, and nobody signed that', async () => {
    const file = await fileOf(await ended());
    const words = changed(file, (entry, data) => {
      if (entry.kind !== 'step.succeeded') return;
      if (entry.step === 'find') Object.assign(data, { completedBy: 'eve@example.com', output: { id: 'x' } });
      if (entry.step === 'tag') data.input = { who: 'x', free: 'none' };
    });
    expect(words).toMatch(/with what eve@example.com typed for "find", and nobody signed that/);
  });

  it('finds that one item of a list was called with what is another one’s', async () => {
    const run = await runs.start(plansOf(rounds), { groups: ['a', 'b'] });
    await run.vote('signoff', 'dana@example.com');
    await run.finish();
    await run.journalled();
    const file = await fileOf(run);
    expect(found(file)).toBe('');
    const words = changed(file, ({ kind, step }, data) => {
      if (kind === 'step.succeeded' && step === 'add[1]') data.input = { group: 'a', id: 'id of a' };
    });
    expect(words).toMatch(/called for "add\[1\]" with something else/);
  });

  it('looks for the approvals of the caller where what a called runbook did is taken back', async () => {
    const run = await runs.start(plansOf(caller, called), { person: 'lu' });
    await run.vote('signoff', 'dana@example.com');
    await run.finish();
    await run.journalled();
    const file = await fileOf(run);
    expect(file.called?.map(({ runbook }) => runbook)).toEqual(['called']);
    expect(found(file)).toBe('');
    const undone = file.records.filter(
      ({ kind, step }) => kind === 'action.begun' && step === 'tell/enable.undo',
    );
    expect(undone).toHaveLength(2);
    await run.recordUnwarranted('tell/enable.undo');
    expect(found(await fileOf(run))).toMatch(
      /began for "tell\/enable.undo", which is behind the approval "signoff", and no warrant/,
    );
  });

  it('looks for the approvals of the runs that called a run where that one is verified by itself', async () => {
    const run = await runs.start(plansOf(callsOnce, called), { person: 'lu' });
    await run.vote('signoff', 'dana@example.com');
    await run.finish();
    const below = run.below('tell');
    await below.journalled();
    await run.journalled();
    const file = await fileOf(below);
    const [caller] = file.callers ?? [];
    if (!caller) throw new Error('no caller');
    expect(file.callers).toMatchObject([
      { run: { id: run.id }, step: 'tell', plan: { runbook: 'calls-once' } },
    ]);
    expect(found(file)).toBe('');
    const without = (kind: string) => {
      const records = caller.records.filter((record) => record.kind !== kind);
      return found({ ...file, callers: [{ ...caller, records }] });
    };
    expect(without('warrant.issued')).toMatch(
      /began for "enable", which is behind the approval "signoff" of the run .* that called this one, and no warrant/,
    );
    expect(without('vote.requested')).toMatch(
      /Of the run .* that called this one: The warrant of record \d+ says that dana@example.com signed "signoff" by record \d+, and that record does not/,
    );
    // Nobody can say that another run called it, or that none did, and no record of the caller can be another one.
    expect(found({ ...file, callers: [] })).toMatch(/was called by the run .*, and of that nothing is kept/);
    const other = { ...caller, run: { ...caller.run, id: 'another' } };
    expect(found({ ...file, callers: [other] })).toMatch(
      /by its first record, and is listed as called by another/,
    );
    const records = caller.records.map((record) => ({ ...record, actor: 'eve@example.com' }));
    expect(found({ ...file, callers: [{ ...caller, records }] })).toMatch(
      /its content does not give its hash/,
    );
    await below.recordUnwarranted('enable');
    expect(found(await fileOf(below))).toMatch(
      /"signoff" of the run .* that called this one, and no warrant/,
    );
  });

  it('computes again what was done for the items of a large list, and names what it cannot', async () => {
    const people = Array.from({ length: 510 }, (_, index) => `p${index}`);
    let wrong = '';
    // An engine that hands one item what is another one's.
    runs.fault = (call) =>
      wrong !== '' && call.step === 'add' && call.item === wrong
        ? { ...call, input: { who: 'eve', note: 'x' } }
        : call;
    const ended = async () => {
      const run = await runs.start(plansOf(many), { people, note: 'x' }, { engine: 5 });
      await run.vote('signoff', 'dana@example.com');
      await run.finish();
      await run.journalled();
      return fileOf(run);
    };
    const file = await ended();
    expect(file.journal.some(({ step }) => step === 'add[7]')).toBe(false);
    const { counts, findings, notComputed } = verify(file, runs.seal);
    expect(findings).toEqual([]);
    expect(counts).toMatchObject({ computed: 510, notComputed: 51 });
    expect(notComputed).toEqual([
      {
        what: 'told',
        times: 51,
        why: 'it reads what "add" gave in a part of the run, of which the journal has the count alone',
      },
    ]);
    // Without the keys nobody can compare a digest.
    expect(verify(file).notComputed).toContainEqual({
      what: 'add',
      times: 510,
      why: 'what it was called with is on record as a digest, which takes the keys to compare',
    });
    wrong = '[7]';
    expect(found(await ended())).toMatch(
      /^Record \d+ says that test.note was called for "add\[7\]" with something else than/,
    );
  }, 120_000);
});
