/** `plan --live`: the systems of the configuration are read, and asked what each write would do. */

import { randomBytes } from 'node:crypto';
import colors from 'picocolors';
import { checkedInputs, sealSensitive } from '../activities/engine/run-inputs.ts';
import { connectorSettings, secretsOf } from '../activities/kit/configured-services.ts';
import { goingAlong, KeptLists, ListsInMemory } from '../activities/kit/kept-lists.ts';
import { Outbound } from '../activities/kit/outbound.ts';
import type { Configuration } from '../compiler/configuration/configuration.ts';
import { calendarsOf } from '../organisation/calendar-files.ts';
import { defined } from '../plan/defined.ts';
import type { JsonObject, Plan } from '../plan/plan.ts';
import { type Previewed, previewRun } from '../rehearsal/preview.ts';
import { previewCallers } from '../rehearsal/preview-callers.ts';
import { Seal } from '../vault/seal.ts';
import { ENGINE_VERSION } from '../workflows/messages.ts';
import { differenceLines, previewText } from '../workflows/preview-text.ts';
import { calledPlans, runPlanOf } from '../workflows/run-plan.ts';
import { Exit, exitCodes, usage } from './exit.ts';
import { ticketSystemOf } from './inputs.ts';
import { projectConnectors } from './project.ts';
import { table } from './text.ts';

interface Found {
  plan: Plan;
  plans: Plan[];
  configuration: Configuration | undefined;
}

export async function previewPlan(
  { plan, plans, configuration }: Found,
  given: JsonObject,
  path: string,
  ticketKey = 'TICKET-1',
): Promise<Previewed> {
  if (!configuration)
    throw usage(
      'Without a countersign.yaml nobody knows which systems to ask. Say where it is: --config FILE',
    );
  const { inputs, problems } = checkedInputs(plan, given);
  if (problems.length > 0)
    throw new Exit(exitCodes.problems, `The inputs do not fit ${plan.runbook}. ${problems.join(' ')}`);
  // Sealed values live as long as this command.
  const seal = new Seal({ current: 'preview', keys: { preview: randomBytes(32) } });
  const settings = await connectorSettings(configuration, path);
  const calendars = calendarsOf(configuration, path);
  const asking = previewCallers(
    {
      secrets: secretsOf(configuration, path),
      seal,
      settings: (connector) => settings[connector],
      outbound: new Outbound(configuration.outbound),
      lists: goingAlong(new KeptLists(new ListsInMemory(), seal)),
    },
    projectConnectors(path).connectors,
  );
  const system = ticketSystemOf(plan.triggers);
  const ticket = { system, key: ticketKey, id: ticketKey, url: '', summary: plan.title };
  return previewRun(
    {
      engine: ENGINE_VERSION,
      plan: runPlanOf(plan),
      inputs: sealSensitive(plan, inputs, seal),
      requester: { id: 'requester@example.com', roles: [] },
      ...defined({ ticket: plan.needsTicket ? ticket : undefined }),
      cause: { type: 'manual' },
      organisation: configuration.organisation,
      ...calledPlans(plan, plans),
    },
    new Map(),
    { ...asking, services: { roles: () => configuration.roles, calendars: () => calendars } },
  );
}

export function previewTable(plan: Plan, { steps, stopped }: Previewed): string {
  const rows = steps.map((step) => [
    step.title,
    `${step.problems ? colors.red(previewText(step)) : previewText(step)}${step.effect === 'destructive' ? colors.red(' (for good)') : ''}`,
  ]);
  const lines = table(rows)
    .split('\n')
    .flatMap((line, at) => [line, ...differenceLines(steps[at] ?? {}).map(coloured)]);
  return [
    `${colors.bold(plan.title)}: what each step would do now. Nothing was changed.`,
    '',
    ...(rows.length > 0 ? lines : ['It would change nothing.']),
    ...(stopped ? ['', colors.yellow(`Not known further: ${stopped}`)] : []),
    '',
  ].join('\n');
}

function coloured(line: string): string {
  const colour = line.startsWith('+ ') ? colors.green : line.startsWith('- ') ? colors.red : colors.dim;
  return `    ${colour(line)}`;
}
