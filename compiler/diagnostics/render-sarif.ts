/** Diagnostics as SARIF 2.1.0, for code scanning services. */
import { defined } from '../../plan/defined.ts';
import type { Diagnostic } from './diagnostic.ts';
import { registry } from './registry.ts';

/** OASIS Static Analysis Results Interchange Format 2.1.0: one run. Columns count UTF-16 units. */
export function sarifReport(diagnostics: readonly Diagnostic[], version: string): object {
  const used = new Set(diagnostics.map(({ code }) => code));
  const rules = registry.filter(({ code }) => used.has(code));
  const index = new Map(rules.map(({ code }, at) => [code, at]));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Countersign',
            semanticVersion: version,
            rules: rules.map(({ code, title, explanation, severity }) => ({
              id: code,
              shortDescription: { text: title },
              fullDescription: { text: explanation },
              defaultConfiguration: { level: severity },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: diagnostics.map((diagnostic) => resultOf(diagnostic, index.get(diagnostic.code) ?? 0)),
      },
    ],
  };
}

function resultOf(diagnostic: Diagnostic, ruleIndex: number): object {
  const { code, severity, message, suggestion, file, line, column, endLine, endColumn, related } = diagnostic;
  return {
    ruleId: code,
    ruleIndex,
    level: severity,
    message: { text: suggestion === undefined ? message : `${message} Did you mean "${suggestion}"?` },
    locations: [
      { physicalLocation: locationOf(file, { startLine: line, startColumn: column, endLine, endColumn }) },
    ],
    ...defined({
      relatedLocations: related
        ? related.map((place) => ({
            message: { text: place.message },
            physicalLocation: locationOf(place.file, { startLine: place.line, startColumn: place.column }),
          }))
        : undefined,
    }),
  };
}

function locationOf(file: string, region: object): object {
  return {
    artifactLocation: { uri: file.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/') },
    region,
  };
}
