/**
 * The product, watched. Without an option the main job: an approved ticket onboards a new hire, with the worker killed on the
 * way. With `--all` the four procedures one after another, a worker and a Temporal server killed in each. Exits 0 only if the
 * stand-ins' own log says that everything happened once.
 */

import { mkdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import colors from 'picocolors';
import { errorText } from '../../plan/error-text.ts';
import { packageRoot } from '../../store/package-root.ts';
import { type Stack, startStack } from '../dev/stack.ts';
import { openWindows } from './configuration.ts';
import { heading, play } from './play.ts';
import { scenarios } from './scenarios/index.ts';
import { newHire } from './scenarios/new-hire.ts';
import { Stage } from './stage.ts';

/** Only this machine's stand-ins and its gateway know it. */
const webhookSecret = 'demo-webhook-secret';

process.exitCode = await demo(process.argv.includes('--all'));

async function demo(all: boolean): Promise<number> {
  const dataFolder = join(packageRoot(), '.countersign', 'demo');
  rmSync(dataFolder, { recursive: true, force: true });
  mkdirSync(dataFolder, { recursive: true });
  heading('Starting Countersign on this machine, with stand-ins for every outside system');
  const stack = await start(dataFolder).catch((error: unknown) => {
    console.error(errorText(error));
    return undefined;
  });
  if (!stack) return 3;
  try {
    const stage = new Stage({
      gateway: () => stack.addresses.gateway,
      sandbox: () => stack.addresses.sandbox ?? '',
      token: async () => (await readFile(join(dataFolder, 'local-token'), 'utf8')).trim(),
      webhookSecret,
    });
    if (!all) return (await play(newHire, stage, stack, ['worker'])) ? 0 : 1;
    const results: [string, boolean][] = [];
    for (const scenario of scenarios)
      results.push([scenario.runbook, await play(scenario, stage, stack, ['worker', 'temporal'])]);
    heading('All four');
    for (const [runbook, right] of results)
      console.log(`  ${right ? colors.green('✓') : colors.red('✗')} ${runbook}`);
    return results.every(([, right]) => right) ? 0 : 1;
  } finally {
    await stack.stop();
  }
}

function start(dataFolder: string): Promise<Stack> {
  return startStack({
    dataFolder,
    runbooks: join(packageRoot(), 'runbooks'),
    configuration: openWindows(join(packageRoot(), 'countersign.yaml'), dataFolder, [
      'network-changes',
      'prod-maintenance',
    ]),
    // Slow enough to watch, and to be killed in the middle.
    sandboxLatencyMs: 100,
    environment: { JIRA_WEBHOOK_SECRET: webhookSecret, SERVICENOW_WEBHOOK_SECRET: webhookSecret },
    log: (part, line) => {
      // What the gateway answers is shown where it is asked.
      if (!/^\S+ delivery /.test(line)) console.log(`  ${colors.dim(part.padEnd(9))} ${line}`);
    },
  });
}
