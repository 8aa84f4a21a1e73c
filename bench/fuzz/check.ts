/** What must be true of the compiler's answer to any document whatever. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../../compiler/compile.ts';
import { registry } from '../../compiler/diagnostics/registry.ts';
import type { Catalogue } from '../../plan/catalogue.ts';

/** Real documents to begin with: the runbooks, the wrong ones of the tests, and the examples of every diagnostic. */
export function corpusOf(root: string): string[] {
  const files = ['runbooks', join('test', 'diagnostics')].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .map(String)
      .filter((name) => /\.yaml$/.test(name))
      .sort()
      .map((name) => readFileSync(join(root, folder, name), 'utf8')),
  );
  const examples = registry.flatMap(({ wrong, right }) => [wrong, right]);
  return [...files, readFileSync(join(root, 'countersign.yaml'), 'utf8'), ...examples].filter(
    // The limits on size have tests of their own; here they would only cost time.
    (text) => text.length < 20_000,
  );
}

/** What is wrong with the answer; undefined when nothing is. */
export function complaintAbout(
  text: string,
  catalogue: Catalogue,
  configuration?: string,
): string | undefined {
  const asRunbook = compile({
    files: [{ path: 'x.yaml', text }],
    catalogue,
    configuration:
      configuration === undefined ? undefined : { path: 'countersign.yaml', text: configuration },
  });
  const asConfiguration = compile({ files: [], configuration: { path: 'x.yaml', text }, catalogue });
  const lines = text.split(/\r\n|\r|\n/).length;
  for (const diagnostic of [...asRunbook.diagnostics, ...asConfiguration.diagnostics]) {
    const { code, file, range, line, column, endLine, endColumn, message } = diagnostic;
    if (file !== 'x.yaml') continue;
    if (code === 'CS1099') return `the compiler failed: ${message}`;
    if (message.trim() === '' || message.includes('undefined') || message.includes('[object'))
      return `a message that says nothing: ${message}`;
    if (range.start < 0 || range.end < range.start || range.end > text.length)
      return `${code} stands outside the file: ${range.start} to ${range.end} of ${text.length}`;
    if (
      line < 1 ||
      column < 1 ||
      endLine > lines + 1 ||
      endLine < line ||
      (endLine === line && endColumn < column)
    )
      return `${code} stands on no line: ${line}:${column} to ${endLine}:${endColumn}`;
  }
  const isRight = asRunbook.diagnostics.every(({ severity }) => severity !== 'error');
  if (isRight && asRunbook.plans.length !== 1) return 'there is neither a plan nor an error';
  return undefined;
}
