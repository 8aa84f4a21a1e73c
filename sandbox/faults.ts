/** Faults on demand: what services do on a bad day, for a number of requests or with a probability. */

const kinds = [
  'status',
  'timeout',
  'reset',
  'delay',
  'lostAnswer',
  'notFoundAfterCreate',
  'lateLicenses',
] as const;

export interface Fault {
  /** A stand-in's name, or `smtp`; without it, all. */
  system?: string;
  /** HTTP method; for mail the command it meets, `CONNECT`, `MAIL`, `RCPT` or `DATA`, which it is unless said. */
  method?: string;
  /** Regular expression over the path with its query; for mail, over the recipients. */
  path?: string;
  /** How many requests it meets; without it, all. */
  times?: number;
  /** Share of the requests it meets, from 0 to 1. */
  probability?: number;
  /**
   * `status`: answers with `status` and `retryAfter` seconds. `timeout`: never answers. `reset`: closes the connection
   * without doing anything. `delay`: answers after `delayMs`. `lostAnswer`: does it, then closes the connection without
   * an answer. `notFoundAfterCreate`: a user answers 404 for `delayMs` after being created. `lateLicenses`: the licence of a
   * group stays for `delayMs` after the user has left it.
   */
  kind: (typeof kinds)[number];
  status?: number;
  retryAfter?: number;
  delayMs?: number;
}

export class Faults {
  private faults: Fault[] = [];

  add(fault: Fault): void {
    this.faults.push({ ...fault });
  }

  clear(): void {
    this.faults = [];
  }

  list(): Fault[] {
    return this.faults;
  }

  /** The first fault that meets this request, counted down. With `explicit`, only one that names the method. */
  meet(system: string, method: string, path: string, explicit = false): Fault | undefined {
    const fault = this.faults.find(
      (candidate) =>
        candidate.kind !== 'notFoundAfterCreate' &&
        candidate.kind !== 'lateLicenses' &&
        (!candidate.system || candidate.system === system) &&
        (candidate.method ? candidate.method.toUpperCase() === method : !explicit) &&
        (!candidate.path || new RegExp(candidate.path).test(path)) &&
        (candidate.times === undefined || candidate.times > 0) &&
        (candidate.probability === undefined || Math.random() < candidate.probability),
    );
    if (fault?.times !== undefined) fault.times -= 1;
    return fault;
  }

  /** How long a user just created is not found, in milliseconds. */
  hiddenAfterCreateMs(): number {
    return this.faults.find((fault) => fault.kind === 'notFoundAfterCreate')?.delayMs ?? 0;
  }

  /** How long the licence of a group outlasts the membership, in milliseconds. */
  lateLicensesMs(): number {
    return this.faults.find((fault) => fault.kind === 'lateLicenses')?.delayMs ?? 0;
  }
}

/** Why this is no fault, or undefined. A misspelt fault that never strikes would make a test pass that proves nothing. */
export function problemOfFault(fault: unknown, systems: readonly string[]): string | undefined {
  if (typeof fault !== 'object' || fault === null) return 'A fault is an object.';
  const { kind, system, path, status, times, probability, delayMs, method, retryAfter, ...unknown } =
    fault as Record<string, unknown>;
  const [name] = Object.keys(unknown);
  if (name) return `A fault has no "${name}".`;
  if (!kinds.includes(kind as Fault['kind'])) return `"kind" is one of ${kinds.join(', ')}.`;
  if (system !== undefined && !systems.includes(system as string))
    return `"system" is one of ${systems.join(', ')}.`;
  for (const [field, value] of Object.entries({ status, times, probability, delayMs, retryAfter }))
    if (value !== undefined && (typeof value !== 'number' || value < 0))
      return `"${field}" is a number from 0.`;
  if ((kind === 'notFoundAfterCreate' || kind === 'lateLicenses') && delayMs === undefined)
    return `"${kind}" needs "delayMs".`;
  for (const [field, value] of Object.entries({ method, path }))
    if (value !== undefined && typeof value !== 'string') return `"${field}" is a text.`;
  try {
    new RegExp(String(path ?? ''));
  } catch {
    return '"path" is a regular expression, and this one cannot be read.';
  }
  return undefined;
}
