/** How the command line writes: short, aligned, coloured only on a terminal. */
import colors from 'picocolors';

export function table(rows: string[][]): string {
  const widths =
    rows[0]?.map((_, column) => Math.max(...rows.map((row) => plain(row[column] ?? '').length))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - plain(cell).length)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Without colours, as wide as it looks. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters.
  return text.replace(/\u001b\[\d+m/g, '');
}

export function statusText(status: string): string {
  switch (status) {
    case 'succeeded':
    case 'approved':
      return colors.green(status);
    case 'parked':
    case 'failed':
    case 'rejected':
      return colors.red(status);
    case 'waiting':
    case 'paused':
    case 'undoing':
      return colors.yellow(status);
    default:
      return status;
  }
}

export function age(from: number | string, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - new Date(from).getTime()) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.round(seconds / 3_600)} h ago`;
  return `${Math.round(seconds / 86_400)} days ago`;
}

export function localTime(ms: number): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' }).format(ms);
}

export function clock(ms: number): string {
  return new Date(ms).toTimeString().slice(0, 8);
}

/** `name=value` pairs; values that are JSON keep their type, everything else is text, and so is what `isText` says. */
export function pairs(
  given: unknown,
  isText: (name: string) => boolean = () => false,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const pair of Array.isArray(given) ? given.map(String) : []) {
    const at = pair.indexOf('=');
    if (at <= 0) throw new Error(`"${pair}" should be name=value.`);
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    result[name] = isText(name) ? value : parsed(value);
  }
  return result;
}

function parsed(text: string): unknown {
  if (/^(true|false|null|-?\d+(\.\d+)?|\[.*\]|\{.*\})$/s.test(text)) {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }
  return text;
}
