/** What a stand-in holds. Every change is an effect first, and is made from that effect alone, so that a restart loses nothing. */
import type { Effect, Effects } from '../effects.ts';
import type { Description } from './description.ts';
import { scalarText, type Value, type Values } from './expressions.ts';

export class Records {
  private collections = new Map<string, Values[]>();
  private readonly system: string;
  private readonly effects: Effects;
  private readonly description: Description;

  constructor(system: string, description: Description, effects: Effects) {
    this.system = system;
    this.description = description;
    this.effects = effects;
    this.reset();
    for (const effect of effects.list({ system })) this.apply(effect);
  }

  reset(): void {
    this.collections = new Map(Object.entries(structuredClone(this.description.seed)));
  }

  all(collection: string): Values[] {
    const found = this.collections.get(collection) ?? [];
    this.collections.set(collection, found);
    return found;
  }

  /** What was not there at the start. */
  made(collection: string): Values[] {
    const field = this.idField(collection);
    const seeded = new Set((this.description.seed[collection] ?? []).map((record) => record[field]));
    return this.all(collection).filter((record) => !seeded.has(record[field]));
  }

  /** All that is held, without what changes by itself. */
  state(): Record<string, Values[]> {
    const { volatile } = this.description;
    return JSON.parse(
      JSON.stringify(
        Object.fromEntries([...this.collections].sort(([a], [b]) => (a < b ? -1 : 1))),
        (key, value) => (volatile.includes(key) ? undefined : value),
      ),
    );
  }

  idField(collection: string): string {
    return this.description.ids[collection]?.field ?? 'id';
  }

  create(collection: string, fields: Values, effect?: string): Values {
    const record = {
      [this.idField(collection)]: this.nextId(collection),
      ...fields,
      ...this.stamp(collection),
    };
    this.change(effect ?? `${collection}.created`, collection, record);
    return record;
  }

  update(collection: string, record: Values, fields: Values, effect?: string): Values {
    const changed = { ...record, ...fields, ...this.stamp(collection) };
    this.change(effect ?? `${collection}.updated`, collection, changed);
    return changed;
  }

  remove(collection: string, record: Values, effect?: string): void {
    this.change(effect ?? `${collection}.deleted`, collection, record, true);
  }

  private change(effect: string, collection: string, record: Values, gone = false): void {
    const subject = scalarText(record[this.idField(collection)]);
    this.apply(
      this.effects.add(this.system, effect, subject, { collection, record, ...(gone ? { gone } : {}) }),
    );
  }

  private apply({ detail = {} }: Effect): void {
    const { collection, record, gone } = detail as { collection?: string; record?: Values; gone?: boolean };
    if (collection === undefined || record === undefined) return;
    const field = this.idField(collection);
    const list = this.all(collection);
    const at = list.findIndex((each) => each[field] === record[field]);
    if (gone) list.splice(at, at === -1 ? 0 : 1);
    else if (at === -1) list.push(structuredClone(record));
    else list[at] = structuredClone(record);
  }

  /** Different at every change, also within a millisecond: services compare it to notice what came between. */
  private stamp(collection: string): Values {
    const field = this.description.stamps[collection];
    const now = new Date(Date.UTC(2026, 0, 1) + this.effects.list().length * 1_000)
      .toISOString()
      .replace('.000', '');
    return field === undefined ? {} : { [field]: now };
  }

  private nextId(collection: string): Value {
    const { next = 1, text } = this.description.ids[collection] ?? {};
    const made = this.effects
      .list({ system: this.system })
      .filter(({ detail }) => detail?.collection === collection).length;
    const taken = this.all(collection).map((record) => record[this.idField(collection)]);
    let id = next + made;
    const named = () => (text === undefined ? id : text.replace('#', String(id)));
    while (taken.includes(named())) id += 1;
    return named();
  }
}
