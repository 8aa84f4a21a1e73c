/** Diagnostics as workflow commands, which GitHub shows beside the lines of a pull request. */
import type { Diagnostic } from './diagnostic.ts';

/** One line a diagnostic. GitHub: Workflow commands for GitHub Actions, "Setting an error message". */
export function renderGithub(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .map(({ severity, file, line, column, endLine, endColumn, code, message, suggestion }) => {
      const properties = Object.entries({ file, line, endLine, col: column, endColumn, title: code })
        .map(([name, value]) => `${name}=${escapeProperty(String(value))}`)
        .join(',');
      const hint = suggestion === undefined ? '' : ` Did you mean \`${suggestion}\`?`;
      return `::${severity} ${properties}::${escapeData(message + hint)}\n`;
    })
    .join('');
}

function escapeData(text: string): string {
  return text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
}
