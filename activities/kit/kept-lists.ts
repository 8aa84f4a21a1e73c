/** Keeps lists that are too large for the history of their run, and gives their items back in pieces. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../plan/canonical-json.ts';
import type { ListReference } from '../../plan/kept-list.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import type { Seal } from '../../vault/seal.ts';
import { PermanentFailure } from './failures.ts';

/** Pieces as they are kept: encrypted. */
export interface ListStore {
  keep(run: string, list: string, pieces: readonly { first: number; content: string }[]): Promise<void>;
  piece(list: string, item: number): Promise<{ first: number; content: string } | undefined>;
}

/** What of a run's lists an action, and the engine, ask for. */
export interface Lists {
  /** Gives what the history carries in the place of the list. Rejects when that is not possible now. */
  keep(owner: ListOwner, items: readonly Json[]): Promise<Json>;
  /** The first of these items, as many as make one piece; always one. */
  some(list: ListReference, items: readonly number[]): Promise<Json[]>;
  all(list: ListReference): Promise<Json[]>;
  /** Whether what is kept goes along as it is, however large. */
  readonly isWhole?: boolean;
}

export interface ListOwner {
  run: string;
  /** Of the call that gave it, and the field of its output. */
  call: string;
  field: string;
}

/** Characters of JSON that are read at once: what one event of a history holds of a list. */
const pieceSize = 128 * 1024;
/** One action puts a list together in the memory of its worker. */
export const largestList = 64 * 1024 * 1024;
/** An item is handed on whole. */
const largestItem = 256 * 1024;

export class KeptLists implements Lists {
  private readonly store: ListStore;
  private readonly seal: Pick<Seal, 'encrypt' | 'decrypt'>;

  constructor(store: ListStore, seal: Pick<Seal, 'encrypt' | 'decrypt'>) {
    this.store = store;
    this.seal = seal;
  }

  async keep({ run, call, field }: ListOwner, items: readonly Json[]): Promise<Json> {
    const sha256 = hashOfItems(items);
    const id = `${call}.${field}.${sha256.slice(0, 22)}`;
    const pieces = piecesOf(items).map(({ first, items: some }) => ({
      first,
      content: this.seal.encrypt(JSON.stringify({ list: id, first, items: some })),
    }));
    await this.store.keep(run, id, pieces);
    return { $list: { id, count: items.length, sha256 } };
  }

  async some(list: ListReference, items: readonly number[]): Promise<Json[]> {
    const given: Json[] = [];
    let size = 0;
    let piece: Piece | undefined;
    for (const item of items) {
      if (!piece || item >= piece.first + piece.items.length) {
        // What is read is handed on through a history, whole pieces at most.
        if (given.length > 0 && size >= pieceSize / 2) break;
        piece = await this.piece(list, item);
      }
      const value = piece.items[item - piece.first];
      if (value === undefined) throw lost(list);
      size += JSON.stringify(value).length;
      if (given.length > 0 && size > pieceSize) break;
      given.push(value);
    }
    return given;
  }

  async all(list: ListReference): Promise<Json[]> {
    const items: Json[] = [];
    while (items.length < list.count) {
      const piece = await this.piece(list, items.length);
      if (piece.first !== items.length || piece.items.length === 0) throw lost(list);
      items.push(...piece.items);
    }
    if (hashOfItems(items) !== list.sha256) throw lost(list);
    return items;
  }

  private async piece({ id, count, sha256 }: ListReference, item: number): Promise<Piece> {
    const kept = await this.store.piece(id, item);
    if (!kept) throw lost({ id, count, sha256 });
    const opened = JSON.parse(this.seal.decrypt(kept.content)) as Piece & { list: string };
    // Pieces of another list, or of another place, are encrypted with the same key.
    if (opened.list !== id || opened.first !== kept.first || !id.endsWith(sha256.slice(0, 22)))
      throw lost({ id, count, sha256 });
    return opened;
  }
}

/** For a preview, which changes nothing and has no history: what it reads goes along whole. */
export function goingAlong(lists: Lists): Lists {
  return {
    isWhole: true,
    keep: async (_, items) => [...items],
    some: (list, items) => lists.some(list, items),
    all: (list) => lists.all(list),
  };
}

/** Lists of tests, in memory. */
export class ListsInMemory implements ListStore {
  private readonly lists = new Map<string, { first: number; content: string }[]>();

  async keep(_: string, list: string, pieces: readonly { first: number; content: string }[]): Promise<void> {
    this.lists.set(list, [...pieces]);
  }

  async piece(list: string, item: number): Promise<{ first: number; content: string } | undefined> {
    return this.lists.get(list)?.findLast(({ first }) => first <= item);
  }
}

interface Piece {
  first: number;
  items: Json[];
}

/** Nobody who signed for the list signed for what is there now. */
function lost({ id, count }: ListReference): PermanentFailure {
  return new PermanentFailure(
    `The list of ${count} items that "${id.slice(0, 22)}" gave is not there as it was given: it was removed, or altered. Start the run anew.`,
  );
}

function hashOfItems(items: readonly Json[]): string {
  const hash = createHash('sha256').update('[');
  for (const [index, item] of items.entries()) hash.update(`${index === 0 ? '' : ','}${canonicalJson(item)}`);
  return hash.update(']').digest('hex');
}

function piecesOf(items: readonly Json[]): Piece[] {
  const pieces: Piece[] = [];
  let size = pieceSize;
  for (const [index, item] of items.entries()) {
    const own = JSON.stringify(item).length;
    if (size + own > pieceSize) {
      pieces.push({ first: index, items: [] });
      size = 0;
    }
    pieces.at(-1)?.items.push(item);
    size += own;
  }
  return pieces;
}

/**
 * The output with its largest lists kept beside the run, until what is left fits into its history. Lists in `sensitive` fields are
 * sealed as they are, and stay.
 */
export async function withKeptLists(
  output: JsonObject,
  { owner, lists, fits, sensitive }: KeepingLists,
): Promise<JsonObject> {
  const kept = { ...output };
  const candidates = Object.entries(output)
    .flatMap(([field, value]) =>
      Array.isArray(value) && !sensitive.has(field)
        ? [{ field, value, size: JSON.stringify(value).length }]
        : [],
    )
    .sort((a, b) => b.size - a.size);
  for (const { field, value, size } of candidates) {
    if (fits(kept)) break;
    if (size > largestList)
      throw new PermanentFailure(
        `The list "${field}" has ${Math.ceil(size / 1024 ** 2)} MB, and ${largestList / 1024 ** 2} MB are the most that are kept. Ask for less. Where it lists, \`pick\` says which fields of each item are kept.`,
      );
    const tooLarge = value.findIndex((item) => JSON.stringify(item).length > largestItem);
    if (tooLarge >= 0) continue;
    kept[field] = await lists.keep({ ...owner, field }, value);
  }
  return kept;
}

interface KeepingLists {
  owner: Omit<ListOwner, 'field'>;
  lists: Pick<Lists, 'keep'>;
  fits(output: JsonObject): boolean;
  sensitive: ReadonlySet<string>;
}
