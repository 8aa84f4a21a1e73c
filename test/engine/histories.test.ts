import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import proto from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { stepKinds } from '../../plan/step-kinds/registry.ts';
import { quietTemporalLog } from '../../processes/temporal-logging.ts';
import { packageRoot } from '../../store/package-root.ts';
import { replayOptions } from '../../worker/migrate-check.ts';
import { ENGINE_VERSION } from '../../workflows/messages.ts';

/** Recorded by `RECORD_HISTORIES=1 npm test -- test/engine/engine`; see workflows/README.md for when that is right. */
const folder = join(packageRoot(), 'test', 'histories');
const { History } = proto.temporal.api.history.v1;
const bundle = join(packageRoot(), 'dist', 'workflow-bundle.js');
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

quietTemporalLog();

describe('A run that an earlier version of the engine recorded goes on with this one', () => {
  it.each(files)('%s', async (name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    const history = History.fromObject(JSON.parse(text));
    await Worker.runReplayHistory(replayOptions(bundle), history, workflowOf(text) ?? name);
  });

  it('and these cover every kind of step', () => {
    const recorded = files.map((name) => readFileSync(join(folder, name), 'utf8'));
    const kinds = new Set(recorded.flatMap((text) => plansIn(text).flatMap(kindsIn)));
    expect([...kinds].sort()).toEqual(Object.keys(stepKinds).sort());
  });

  it('and of this version some were called off during a write, and lost an attempt of one', () => {
    const current = files.filter((name) => name.startsWith(`engine-${ENGINE_VERSION}-`));
    const events = current.map((name) => kindsOfEvents(readFileSync(join(folder, name), 'utf8')));
    const isRace = (kinds: readonly string[]) => {
      const [begun, said] = [
        kinds.indexOf('ACTIVITY_TASK_SCHEDULED'),
        kinds.indexOf('ACTIVITY_TASK_CANCEL_REQUESTED'),
      ];
      return begun >= 0 && said > begun;
    };
    const isFailure = (kinds: readonly string[]) =>
      kinds.includes('ACTIVITY_TASK_TIMED_OUT') || kinds.includes('ACTIVITY_TASK_FAILED');
    expect(events.some(isRace)).toBe(true);
    expect(events.some(isFailure)).toBe(true);
    expect(events.some((kinds) => isRace(kinds) && isFailure(kinds))).toBe(true);
  });

  it('where one that did something else would be found out', async () => {
    const [name] = files.filter((file) => file.includes('parks'));
    const history = JSON.parse(readFileSync(join(folder, name ?? ''), 'utf8'));
    const scheduled = history.events.find((event: { eventType: string }) =>
      event.eventType.includes('ACTIVITY_TASK_SCHEDULED'),
    );
    scheduled.activityTaskScheduledEventAttributes.activityType.name = 'test.other';
    await expect(
      Worker.runReplayHistory(replayOptions(bundle), History.fromObject(history), 'changed'),
    ).rejects.toThrow(/[Nn]ondeterminism|does not match/);
  });
});

/** A start of engine 3 begins one workflow, and none under another id. */
function workflowOf(text: string): string | undefined {
  const [start] = plansIn(text) as { $start?: { workflow: string } }[];
  return start?.$start?.workflow;
}

/** The start arguments, which a history has as base64. */
function plansIn(text: string): unknown[] {
  const { events } = JSON.parse(text);
  const payloads = events[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  return payloads.map(({ data }: { data: string }) =>
    JSON.parse(Buffer.from(data, 'base64').toString('utf8')),
  );
}

function kindsOfEvents(text: string): string[] {
  const { events } = JSON.parse(text) as { events: { eventType: string }[] };
  return events.map(({ eventType }) => eventType.replace(/^EVENT_TYPE_/, ''));
}

function kindsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(kindsIn);
  if (typeof value !== 'object' || value === null) return [];
  const { kind, id } = value as { kind?: unknown; id?: unknown };
  return [
    ...(typeof kind === 'string' && typeof id === 'string' ? [kind] : []),
    ...Object.values(value).flatMap(kindsIn),
  ];
}
