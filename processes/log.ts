/** One line of a process's log: as people read it, or as JSON where COUNTERSIGN_LOG says so. */

/** What it is about, where it is about a run. */
export interface About {
  run?: string;
  step?: string;
}

export type Log = (message: string, about?: About) => void;

export function logOf(part: string, write: (line: string) => void = (line) => console.error(line)): Log {
  const format = process.env.COUNTERSIGN_LOG ?? 'text';
  if (format !== 'text' && format !== 'json')
    throw new Error(`COUNTERSIGN_LOG is text or json, and not ${format}.`);
  if (format === 'text') return (message) => write(message);
  return (message, about = {}) =>
    write(JSON.stringify({ at: new Date().toISOString(), part, message, ...aboutIn(message), ...about }));
}

/** Lines that only have words name their run as the first of them. */
function aboutIn(message: string): About {
  const [, run, step] = /^Run ([0-9a-f][0-9a-f-]{7,})(?:, step ([A-Za-z0-9_.[\]-]+))?\b/.exec(message) ?? [];
  return { ...(run ? { run } : {}), ...(step ? { step } : {}) };
}
