/** Connectors that a repository declares itself: a first draft from an OpenAPI document, and their recorded exchanges. */
import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { connectorOf } from '../../activities/declared/connector.ts';
import { connectorSources } from '../../activities/declared/folders.ts';
import {
  parseRecording,
  RecordedService,
  type Recording,
  settingsFor,
} from '../../activities/declared/recorded.ts';
import { specPath } from '../../activities/declared/repository.ts';
import { descriptions, programmed } from '../../activities/index.ts';
import { Caller, keyOf } from '../../activities/kit/call.ts';
import { Outbound } from '../../activities/kit/outbound.ts';
import { type CompiledConnectors, compileConnectors } from '../../compiler/connectors/compile-connectors.ts';
import { draftConnector } from '../../compiler/connectors/draft.ts';
import { draftScripts } from '../../compiler/connectors/draft-scripts.ts';
import { catalogueOf } from '../../plan/catalogue.ts';
import type { DeclaredConnector } from '../../plan/declared.ts';
import { errorText } from '../../plan/error-text.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { Seal } from '../../vault/seal.ts';
import { ConfiguredSecrets } from '../../vault/secrets.ts';
import { Exit, exitCodes, usage } from '../exit.ts';
import { renderDiagnostics } from '../project.ts';
import { type Options, text } from './options.ts';

const folder = 'connectors';

export async function connector([what = '', name]: string[], options: Options): Promise<void> {
  if (what === 'new') return draft(name, options);
  if (what === 'test') return test(name, options);
  if (what === 'scripts') return scripts(name, options);
  throw usage(
    'Say what: countersign connector new NAME --openapi FILE --operations …, countersign connector new NAME --scripts FILE …, countersign connector test, or countersign connector scripts',
  );
}

/** What the configuration must allow: whoever puts it there has read the scripts. */
async function scripts(name: string | undefined, options: Options): Promise<void> {
  const { connectors } = await compiled(name);
  const found = connectors.flatMap(({ name: connectorName, service, actions }) => {
    const all = Object.assign({}, ...actions.map(({ action }) => action.scripts ?? {})) as Record<
      string,
      { sha256: string }
    >;
    return Object.keys(all).length === 0
      ? []
      : [
          {
            name: connectorName,
            program: [...(service.scripts?.program ?? []), ...(service.scripts?.modules ?? [])].join(' '),
            scripts: all,
          },
        ];
  });
  if (options.json) return console.log(JSON.stringify(found));
  if (found.length === 0) return console.log('No connector here runs scripts.');
  console.log('# Read the scripts. Those that may run stand in countersign.yaml:\nconnectors:');
  for (const each of found) {
    const lines = Object.entries(each.scripts).map(([file, { sha256 }]) => `      ${file}: sha256:${sha256}`);
    console.log(`  ${each.name}:\n    allow: # run by ${each.program}\n${lines.join('\n')}`);
  }
}

async function draftOfScripts(name: string, files: string[]): Promise<void> {
  const missing = files.find((file) => !existsSync(file));
  if (missing) throw usage(`There is no script ${missing}.`);
  const own = join(folder, name);
  const given = files.map((file) => ({ name: basename(file), text: readFileSync(file, 'utf8') }));
  const drafts = draftScripts(name, given);
  if (!drafts)
    throw usage(
      'These scripts are of several kinds. A connector has one: make one of the .ps1 files, and one of the others.',
    );
  mkdirSync(own, { recursive: true });
  for (const file of files) copyFileSync(file, join(own, basename(file)));
  write(own, drafts);
  console.log(
    `\nNext: fill in what the comments ask for, then: countersign validate\nWhat may run is for countersign.yaml to say: countersign connector scripts ${name}`,
  );
}

function write(own: string, files: { path: string; text: string }[]): void {
  for (const each of files) {
    writeFileSync(join(own, each.path), each.text);
    console.log(`Wrote ${join(own, each.path)}`);
  }
}

async function draft(name: string | undefined, options: Options): Promise<void> {
  const file = text(options, 'openapi');
  if (!name || !/^[a-z][A-Za-z0-9]*$/.test(name))
    throw usage('A connector’s name is small letters and digits: countersign connector new lockers …');
  if (existsSync(join(folder, name))) throw usage(`${join(folder, name)} is there already.`);
  const ofScripts = (options.scripts as string[] | undefined) ?? [];
  if (ofScripts.length > 0) return draftOfScripts(name, ofScripts);
  if (!file || !existsSync(file))
    throw usage(`There is no OpenAPI document ${file ?? ''}. Say where it is: --openapi FILE`);
  const own = join(folder, name);
  const operations = (options.operations as string[] | undefined) ?? [];
  const document = parse(readFileSync(file, 'utf8')) as JsonObject;
  const { files, unknown } = draftConnector(
    name,
    basename(file),
    document,
    operations.flatMap((each) => each.split(',')),
  );
  if (unknown.length > 0)
    throw usage(`${file} has no operation ${unknown.join(', ')}. Name operationIds, or "GET /path".`);
  mkdirSync(own, { recursive: true });
  copyFileSync(file, join(own, basename(file)));
  write(own, files);
  console.log('\nNext: fill in what the comments ask for, then: countersign validate');
}

interface Report {
  file: string;
  action: string;
  problems: string[];
}

/** Those of this repository, or ends with what is wrong with them. */
async function compiled(name: string | undefined): Promise<CompiledConnectors> {
  const sources = connectorSources(folder, specPath).filter((source) => !name || source.name === name);
  if (sources.length === 0)
    throw usage(
      name ? `There is no ${join(folder, name)}.` : 'There is no connector here: no folder connectors/.',
    );
  const found = compileConnectors({ sources, catalogue: catalogueOf(descriptions(programmed)) });
  const { diagnostics } = found;
  const texts = sources.flatMap(({ files }) => files);
  if (diagnostics.length > 0)
    process.stderr.write(await renderDiagnostics(diagnostics, texts, process.stderr));
  if (diagnostics.some(({ severity }) => severity === 'error'))
    throw new Exit(exitCodes.problems, 'The connectors cannot be tried before this is mended.');
  return found;
}

async function test(name: string | undefined, options: Options): Promise<void> {
  const { connectors } = await compiled(name);
  const reports: Report[] = [];
  for (const each of connectors) reports.push(...(await played(each)));
  if (options.json) console.log(JSON.stringify(reports));
  else
    for (const { file, action, problems } of reports)
      console.log(
        `${problems.length === 0 ? 'passed' : 'failed'}  ${action}  ${file}${problems.map((problem) => `\n        ${problem}`).join('')}`,
      );
  if (reports.length === 0 && !options.json) {
    console.log('The connectors compile. There are no recorded exchanges to play: see docs/connectors.md.');
    return;
  }
  const failed = reports.filter(({ problems }) => problems.length > 0).length;
  if (!options.json) console.log(`${reports.length - failed} passed, ${failed} failed`);
  if (failed > 0) throw new Exit(exitCodes.problems, '');
}

async function played(declared: DeclaredConnector): Promise<Report[]> {
  const own = join(folder, declared.name, 'exchanges');
  const files = existsSync(own)
    ? readdirSync(own)
        .filter((file) => file.endsWith('.http'))
        .sort()
    : [];
  const reports: Report[] = [];
  for (const each of files) {
    const file = join(own, each);
    try {
      const recording = parseRecording(readFileSync(file, 'utf8'));
      reports.push({ file, action: recording.action, problems: await differences(declared, recording) });
    } catch (error) {
      reports.push({ file, action: '?', problems: [errorText(error)] });
    }
  }
  return reports;
}

async function differences(declared: DeclaredConnector, recording: Recording): Promise<string[]> {
  const made = connectorOf(declared);
  const found = made.actions.find(({ name }) => name === recording.action);
  if (!found) return [`There is no action ${recording.action}.`];
  // What was recorded ends with the answer: reading back is not part of it.
  const { verify: _verify, ...action } = found;
  const call = { run: 'recorded', runbook: 'recorded', step: 'recorded' };
  const service = await RecordedService.start(recording, keyOf(call), declared.service);
  const seal = new Seal({ current: 'k', keys: { k: randomBytes(32) } });
  const settings = settingsFor(declared.service, service.url);
  const caller = new Caller(made, {
    secrets: new ConfiguredSecrets({}),
    seal,
    settings: () => settings,
    outbound: new Outbound(),
  });
  try {
    const { output } = await caller.run(action, recording.input, call, {
      signal: new AbortController().signal,
      timeoutMs: 60_000,
    });
    const wrong =
      recording.gives && !same(output, recording.gives)
        ? [`It gave ${JSON.stringify(output)}, and ${JSON.stringify(recording.gives)} was recorded.`]
        : [];
    return [...(await service.close()), ...wrong];
  } catch (error) {
    return [...(await service.close()), errorText(error)];
  }
}

function same(a: Json, b: JsonObject): boolean {
  const text = (value: Json): string =>
    JSON.stringify(value, (_, each) =>
      each && typeof each === 'object' && !Array.isArray(each)
        ? Object.fromEntries(Object.entries(each).sort())
        : each,
    );
  return text(a) === text(b);
}
