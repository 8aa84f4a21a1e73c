/** How every bench reports: a table for people, and as its last line one JSON line for machines. */
export interface Row {
  what: string;
  value: number;
  unit: string;
  /** The bound that `value` is held against; `limitIs` says from which side. */
  limit: number;
  limitIs: 'at most' | 'at least';
}

export function report(bench: string, rows: Row[]): void {
  const held = rows.map((row) => ({ ...row, holds: holds(row) }));
  for (const row of held) {
    const verdict = row.holds ? 'holds' : 'MISSED';
    console.log(
      `${row.what.padEnd(58)} ${format(row.value)} ${row.unit} (${row.limitIs} ${row.limit}): ${verdict}`,
    );
  }
  console.log(
    JSON.stringify({
      bench,
      rows: held.map(({ what, value, unit, limit, holds: held }) => ({
        what,
        value: round(value),
        unit,
        limit,
        holds: held,
      })),
    }),
  );
}

function holds(row: Row): boolean {
  return row.limitIs === 'at most' ? row.value <= row.limit : row.value >= row.limit;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function format(value: number): string {
  return String(round(value)).padStart(10);
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
