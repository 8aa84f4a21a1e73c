/** The actions that ship, each read when somebody asks for it: a runbook names a few of hundreds, and reading all took a tenth of `validate`. */
import type { ActionDescription, Catalogue } from '../plan/catalogue.ts';

/** Where an action begins in `schemas/actions.json`, as `npm run schemas` writes it. */
const beginning = /^ {2}\{\n {4}"name": "([^"\\]+)",$/gm;

export function actionsIn(text: string): Catalogue {
  return new ActionsInText(text);
}

class ActionsInText implements Catalogue {
  private readonly text: string;
  /** From where to where its text is; an action that was asked for is kept read. */
  private readonly places = new Map<string, readonly [start: number, end: number]>();
  private readonly known = new Map<string, ActionDescription>();

  constructor(text: string) {
    this.text = text;
    const found = [...text.matchAll(beginning)];
    found.forEach(({ 1: name = '', index }, nth) => {
      this.places.set(name, [index, found[nth + 1]?.index ?? text.lastIndexOf(']')]);
    });
  }

  get size(): number {
    return this.places.size;
  }

  has(name: string): boolean {
    return this.places.has(name);
  }

  get(name: string): ActionDescription | undefined {
    const known = this.known.get(name);
    if (known) return known;
    const place = this.places.get(name);
    if (!place) return undefined;
    const own = this.text.slice(...place).trimEnd();
    const read = JSON.parse(own.endsWith(',') ? own.slice(0, -1) : own) as ActionDescription;
    this.known.set(name, read);
    return read;
  }

  keys(): MapIterator<string> {
    return this.places.keys();
  }

  values(): MapIterator<ActionDescription> {
    return this.whole().values();
  }

  entries(): MapIterator<[string, ActionDescription]> {
    return this.whole().entries();
  }

  [Symbol.iterator](): MapIterator<[string, ActionDescription]> {
    return this.entries();
  }

  forEach(each: (value: ActionDescription, name: string, map: Catalogue) => void): void {
    for (const [name, action] of this.entries()) each(action, name, this);
  }

  /** In the order of the file. */
  private whole(): Map<string, ActionDescription> {
    return new Map([...this.places.keys()].map((name) => [name, this.get(name) as ActionDescription]));
  }
}
