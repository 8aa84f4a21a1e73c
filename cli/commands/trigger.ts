/** `trigger setup SYSTEM` and `trigger test FILE`: how a ticket system starts runs, and whether a payload would. */
import { existsSync, readFileSync } from 'node:fs';
import type { JsonObject } from '../../plan/plan.ts';
import { ticketSystem, ticketSystems } from '../../tickets/systems.ts';
import { parseBody, type TicketSystem } from '../../tickets/ticket-system.ts';
import { Exit, exitCodes, usage } from '../exit.ts';
import { compileProject, readProject, renderDiagnostics } from '../project.ts';
import { readingText } from '../reading-text.ts';
import { setupOf, setupText } from '../trigger-setup.ts';
import { foretell, foretoldText } from '../trigger-test.ts';
import { type Options, text } from './options.ts';

export async function trigger([action, target]: string[], options: Options): Promise<void> {
  if (action !== 'setup' && action !== 'test')
    throw usage('Say which: countersign trigger setup SYSTEM, or countersign trigger test FILE.');
  if (target === undefined)
    throw usage(
      action === 'setup'
        ? `Which ticket system? ${names()}: countersign trigger setup jira`
        : 'Which file? It holds the body that the ticket system sent: countersign trigger test body.json',
    );
  return action === 'setup' ? setup(target, options) : test(target, options);
}

async function setup(name: string, options: Options): Promise<void> {
  const { plans, configuration } = compileProject(readProject([], text(options, 'config')));
  const system = systemNamed(name);
  const what = setupOf(system, { plans, configuration, url: text(options, 'url') });
  console.log(options.json ? JSON.stringify(what, null, 2) : setupText(what));
}

async function test(file: string, options: Options): Promise<void> {
  if (!existsSync(file)) throw usage(`${file} does not exist.`);
  const body = parseBody(readFileSync(file, 'utf8'));
  if (!body)
    throw new Exit(exitCodes.problems, `${file} is not a JSON object, so the gateway would reject it.`);
  const wanted = text(options, 'system');
  const project = readProject([], text(options, 'config'));
  const { plans, configuration, diagnostics } = compileProject(project);
  const system = wanted === undefined ? systemOf(body, file) : systemNamed(wanted);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    const sources = [...project.files, ...(project.configuration ? [project.configuration] : [])];
    process.stderr.write(await renderDiagnostics(errors, sources, process.stderr));
    process.stderr.write('What has errors is left out below.\n\n');
  }
  const foretold = foretell(system, body, plans, configuration);
  if (options.json) console.log(JSON.stringify(foretold, null, 2));
  else console.log(foretoldText(foretold));
  if (foretold.outcome === 'rejected') throw new Exit(exitCodes.problems, '');
}

/** The one system that can read the body. */
function systemOf(body: JsonObject, file: string): TicketSystem {
  const readings = ticketSystems().map((system) => ({ system, reading: system.read(body) }));
  const [only, ...more] = readings.filter(({ reading }) => !('notForUs' in reading));
  if (only && more.length === 0) return only.system;
  const said = readings.map(({ system, reading }) => `As ${system.name}: ${readingText(reading)}`);
  throw usage(`Which system sent ${file}? Say --system ${names()}.\n${said.join('\n')}`);
}

function systemNamed(name: string): TicketSystem {
  const system = ticketSystem(name);
  if (system) return system;
  throw usage(
    `There is no ticket system "${name}". There are: ${names()}. Another one is a file of your repository, connectors/NAME/tickets.yaml.`,
  );
}

function names(): string {
  return listInWords(ticketSystems().map(({ name }) => name));
}

/** `a, b or c` */
function listInWords(words: readonly string[]): string {
  return words.join(', ').replace(/, ([^,]*)$/, ' or $1');
}
