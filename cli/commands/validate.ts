/** Checks runbooks and the configuration. Loads no connector: the actions come as data, so that it starts fast. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type ActionDescription, catalogueOf } from '../../compiler/catalogue.ts';
import { type CompileResult, compile, type SourceText } from '../../compiler/compile.ts';
import type { ConnectorSettings } from '../../compiler/configuration.ts';
import { packageRoot } from '../../store/package-root.ts';
import { Exit, exitCodes, usage } from '../exit.ts';
import { type Options, text } from './options.ts';

const formats = ['text', 'json', 'github', 'sarif'];

export async function validate(paths: string[], options: Options): Promise<void> {
  const format = options.json ? 'json' : (text(options, 'format') ?? 'text');
  if (!formats.includes(format)) throw usage(`--format takes one of ${formats.join(', ')}, not ${format}.`);
  const files = (paths.length > 0 ? paths : defaultPaths()).flatMap(runbookFiles);
  const configuration = configurationFile(text(options, 'config'));
  if (files.length === 0 && !configuration)
    throw usage('There is nothing to check here. Say what: countersign validate runbooks/');
  const result = compile({
    files,
    configuration,
    catalogue: catalogueOf(packaged<ActionDescription[]>('actions.json')),
    connectorSettings: packaged<ConnectorSettings>('connectors.json'),
  });
  const all = [...files, ...(configuration ? [configuration] : [])];
  process.stdout.write(await rendered(result, all, format));
  if (result.diagnostics.some((diagnostic) => diagnostic.severity === 'error'))
    throw new Exit(exitCodes.problems, '');
}

async function rendered(
  { diagnostics }: CompileResult,
  files: SourceText[],
  format: string,
): Promise<string> {
  switch (format) {
    case 'json': {
      const { jsonReport } = await import('../../compiler/diagnostics/render-json.ts');
      return `${JSON.stringify(
        jsonReport(
          diagnostics,
          files.map((file) => file.path),
        ),
        null,
        2,
      )}\n`;
    }
    case 'github': {
      const { renderGithub } = await import('../../compiler/diagnostics/render-github.ts');
      return renderGithub(diagnostics);
    }
    case 'sarif': {
      const { sarifReport } = await import('../../compiler/diagnostics/render-sarif.ts');
      return `${JSON.stringify(sarifReport(diagnostics, '0.1.0'), null, 2)}\n`;
    }
    default: {
      if (diagnostics.length === 0)
        return `${files.length} file${files.length === 1 ? '' : 's'} checked, nothing wrong.\n`;
      const { renderText } = await import('../../compiler/diagnostics/render-text.ts');
      const sources = new Map(files.map((file) => [file.path, file.text]));
      const colour = process.stdout.isTTY === true && !process.env.NO_COLOR;
      return renderText(diagnostics, { sources, colour });
    }
  }
}

function defaultPaths(): string[] {
  return existsSync('runbooks') ? ['runbooks'] : [];
}

function runbookFiles(path: string): SourceText[] {
  if (!existsSync(path)) throw usage(`${path} does not exist.`);
  if (!statSync(path).isDirectory()) return [sourceOf(path)];
  return readdirSync(path, { recursive: true })
    .map((name) => join(path, String(name)))
    .filter((name) => /\.ya?ml$/.test(name) && !/\.test\.ya?ml$/.test(name))
    .sort()
    .map(sourceOf);
}

function configurationFile(wanted: string | undefined): SourceText | undefined {
  const path = wanted ?? 'countersign.yaml';
  if (existsSync(path)) return sourceOf(path);
  if (wanted) throw usage(`${wanted} does not exist.`);
  return undefined;
}

function sourceOf(path: string): SourceText {
  return { path: relative(process.cwd(), resolve(path)) || path, text: readFileSync(path, 'utf8') };
}

function packaged<T>(name: string): T {
  return JSON.parse(readFileSync(join(packageRoot(), 'schemas', name), 'utf8')) as T;
}
