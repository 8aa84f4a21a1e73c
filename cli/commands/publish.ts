/** Every runbook as the procedure that people read, where they read it: unchanged pages are not written again. */
import { randomBytes } from 'node:crypto';
import { connectorSettings, secretsOf } from '../../activities/kit/configured-services.ts';
import { Outbound } from '../../activities/kit/outbound.ts';
import { errorText } from '../../plan/error-text.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { previewCallers } from '../../rehearsal/preview-callers.ts';
import { Seal } from '../../vault/seal.ts';
import { Exit, exitCodes, usage } from '../exit.ts';
import {
  compileProject,
  knownActions,
  projectConnectors,
  readProject,
  renderDiagnostics,
} from '../project.ts';
import { pagesOf } from '../publish/pages.ts';
import { type Act, callOf, type Outcome, publishToFolder, targets } from '../publish/targets.ts';
import { table } from '../text.ts';
import { type Options, text } from './options.ts';

const actionTimeoutMs = 60_000;

export async function publish([where = '', of = '']: string[], options: Options): Promise<void> {
  const names = ['folder', ...Object.keys(targets)];
  if (!names.includes(where)) throw usage(`Say where: countersign publish ${names.join(' | ')} …`);
  const target = targets[where];
  if (of === '')
    throw usage(`Say which: countersign publish ${where} takes ${target?.takes ?? 'the path of a folder'}.`);
  const project = readProject([], text(options, 'config'));
  const { plans, configuration, diagnostics } = compileProject(project);
  if (diagnostics.some(({ severity }) => severity === 'error')) {
    process.stderr.write(await renderDiagnostics(diagnostics, project.files, process.stderr));
    throw new Exit(
      exitCodes.problems,
      'Nothing was published: procedures are written of runbooks that compile.',
    );
  }
  const pages = pagesOf(plans, knownActions());
  if (!target) return tell(publishToFolder(of, pages), options);
  if (!configuration) throw usage('Without a countersign.yaml nobody knows how to reach it.');
  const path = project.configuration?.path ?? 'countersign.yaml';
  const act = await actor(configuration, path);
  const outcomes = new Map<string, Outcome>();
  const failed: string[] = [];
  for (const page of pages)
    try {
      outcomes.set(page.title, await target.publish(act, page, of, text(options, 'below')));
    } catch (error) {
      failed.push(`${page.title}: ${errorText(error)}`);
    }
  tell(outcomes, options, failed);
}

/** The actions of the connectors, as the configuration sets them up. */
async function actor(
  configuration: NonNullable<ReturnType<typeof compileProject>['configuration']>,
  path: string,
): Promise<Act> {
  const settings = await connectorSettings(configuration, path);
  const { caller: callerOf } = previewCallers(
    {
      secrets: secretsOf(configuration, path),
      seal: new Seal({ current: 'publish', keys: { publish: randomBytes(32) } }),
      settings: (connector) => settings[connector],
      outbound: new Outbound(configuration.outbound),
    },
    projectConnectors(path).connectors,
  );
  return async (page, action, input) => {
    const found = callerOf(action);
    if (!found) throw new Error(`There is no action ${action}.`);
    const attempt = { signal: new AbortController().signal, timeoutMs: actionTimeoutMs };
    return (await found.caller.run(found.action, input, callOf(page), attempt)).output as JsonObject;
  };
}

function tell(outcomes: ReadonlyMap<string, Outcome>, options: Options, failed: string[] = []): void {
  if (options.json) console.log(JSON.stringify({ pages: Object.fromEntries(outcomes), failed }));
  else {
    const news = [...outcomes].filter(([, outcome]) => outcome !== 'unchanged');
    if (news.length > 0) console.log(table(news.map(([name, outcome]) => [outcome, name])));
    console.log(`${news.length} changed, ${outcomes.size - news.length} as they were.`);
  }
  if (failed.length > 0)
    throw new Exit(exitCodes.problems, `Not published:\n${failed.map((line) => `  ${line}`).join('\n')}`);
}
