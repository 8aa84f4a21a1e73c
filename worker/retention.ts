/** Removes what `retention` in the configuration says has been kept long enough, little by little. */
import { setTimeout as pause } from 'node:timers/promises';
import type { RetentionSettings } from '../compiler/configuration/sections/retention.ts';
import { kinds } from '../compiler/schema/runbook.ts';
import { errorText } from '../plan/error-text.ts';
import type { Prunable, Removal, Rule } from '../store/removal.ts';

/** What may go, and how much of it is due: told by `prune --dry-run`. */
export interface Due {
  what: Prunable | 'deliveries' | 'messages';
  /** Of runs: the kind of their runbooks. */
  kind?: string;
  age: string;
  count: number;
  /** When the oldest of them ended, came or was sent. */
  oldest?: string;
}

type Removing = Pick<
  Removal,
  'due' | 'prune' | 'dueDeliveries' | 'pruneDeliveries' | 'dueMessages' | 'pruneMessages'
>;

/** The runs of a kind go before their journals would: one record in the chain is enough. */
export function rulesOf(settings: RetentionSettings): Rule[] {
  return kinds.flatMap((kind) => {
    const { runs = settings.runs, journals = settings.journals } = settings.kinds[kind] ?? {};
    const ages = [
      ['runs', runs],
      ['journals', journals],
    ] as const;
    return ages.flatMap(([what, age]) => (age === undefined ? [] : [{ what, kind, age }]));
  });
}

export async function dueBy(settings: RetentionSettings, removal: Removing): Promise<Due[]> {
  const due: Due[] = [];
  for (const rule of rulesOf(settings)) due.push({ ...rule, ...(await removal.due(rule)) });
  const { deliveries, messages } = settings;
  if (deliveries)
    due.push({ what: 'deliveries', age: deliveries, ...(await removal.dueDeliveries(deliveries)) });
  if (messages) due.push({ what: 'messages', age: messages, ...(await removal.dueMessages(messages)) });
  return due;
}

export interface Pruned {
  what: Due['what'];
  count: number;
}

/** All that is due, a bounded number at once. `signal` ends it between two of them. */
export async function* pruneBy(
  settings: RetentionSettings,
  removal: Removing,
  signal?: AbortSignal,
): AsyncGenerator<Pruned> {
  const { deliveries, messages } = settings;
  const works: [Due['what'], () => Promise<number>][] = [
    ...rulesOf(settings).map((rule): [Due['what'], () => Promise<number>] => [
      rule.what,
      () => removal.prune(rule),
    ]),
    ...(deliveries
      ? [['deliveries', () => removal.pruneDeliveries(deliveries)] as [Due['what'], () => Promise<number>]]
      : []),
    ...(messages
      ? [['messages', () => removal.pruneMessages(messages)] as [Due['what'], () => Promise<number>]]
      : []),
  ];
  for (const [what, work] of works)
    while (!signal?.aborted) {
      const count = await work();
      if (count === 0) break;
      yield { what, count };
      // Others have something to do too.
      await pause(betweenMs, undefined, { ref: false });
    }
}

const betweenMs = 50;
const everyMs = 3_600_000;
const firstMs = 5 * 60_000;

interface Options {
  removal: Removing;
  settings: () => RetentionSettings;
  pruned: (pruned: Pruned) => void;
  log: (line: string) => void;
}

/** Looks every hour, and a few minutes after the start. */
export class RetentionSweep {
  private readonly options: Options;
  private readonly stopping = new AbortController();
  private working: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  constructor(options: Options) {
    this.options = options;
  }

  start(afterMs = firstMs): void {
    this.timer = setTimeout(() => {
      this.working = this.sweep().finally(() => {
        if (!this.stopping.signal.aborted) this.start(everyMs);
      });
    }, afterMs);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.timer);
    await this.working;
  }

  private async sweep(): Promise<void> {
    const { removal, settings, pruned, log } = this.options;
    const totals = new Map<string, number>();
    try {
      for await (const each of pruneBy(settings(), removal, this.stopping.signal)) {
        pruned(each);
        totals.set(each.what, (totals.get(each.what) ?? 0) + each.count);
      }
    } catch (error) {
      log(`What is to go by retention could not all be removed, and will be: ${errorText(error)}`);
    }
    const words = [...totals].map(([what, count]) => `${count} ${what}`);
    if (words.length > 0) log(`Removed by retention: ${words.join(', ')}.`);
  }
}
