/**
 * A warrant: on whose signatures a write behind an approval is carried out. The engine's own activity issues it from the records of
 * the run when the approval is given; a call names it, and the action kit looks at it beside the effect.
 */
import type { Json, JsonObject } from './plan.ts';

/** Setting -> what it says, of those by which a connector's system is known: `tenant` -> `example.onmicrosoft.com`. */
export type SystemParts = Readonly<Record<string, string>>;

export interface Warrant {
  run: string;
  /** Hash of the plan. */
  plan: string;
  /** Id of the approval. */
  gate: string;
  /** Of the approval: `[3]`, or empty. */
  item: string;
  /** Of the approval: `.2`, or empty. */
  round: string;
  revision: number;
  /** The hash of what was shown, on which people voted. */
  shown: string;
  /** Number of the record by which people were asked. */
  opened: number;
  /** Paths of all that the signatures stand for. */
  cover: string[];
  /** Whom the approval named, how many of them had to sign, and who was asked, as recorded when they were. */
  from: string[];
  quorum: Json;
  needed: number;
  asked: string[];
  /** Who approved, and the number of the record that says so. */
  votes: { person: string; record: number }[];
  /** A keyed digest of what each of them filled in, where the approval asks for it. */
  form?: string;
  /** Digest of the roles by which these were asked. */
  configuration?: string;
  /** By connector, the system on which the steps behind the approval acted when people were asked. */
  systems?: Record<string, SystemParts>;
  /** Paths of what was countersigned with it. */
  changed?: string[];
  /** The steps behind it went on before: it says that people were asked. */
  retroactive?: true;
  /** Of a run begun before engines named their warrants: by the records alone. */
  before?: 4;
}

/** The signed text of a {@link Warrant}. */
export interface SignedWarrant {
  text: string;
  /** Id of the key. */
  key: string;
  /** Ed25519, base64url. */
  signature: string;
}

/** What is kept of an approval, in the order of the run's records. */
export type GatePaper = AskedPaper | IssuedPaper | StandsPaper;

interface PaperOf {
  run: string;
  /** Key of the approval: its id and the item. */
  gate: string;
  /** Number of the record by which people were asked. */
  opened: number;
}

/** What people were shown. */
export interface AskedPaper extends PaperOf {
  kind: 'asked';
  revision: number;
  hash: string;
  shown: JsonObject;
  preview?: Json;
  /** Paths of what is proposed and not in force: steps that read it are not begun. */
  holds: string[];
}

export interface IssuedPaper extends PaperOf {
  kind: 'issued';
  /** Of the warrant, by which calls name it. */
  hash: string;
  signed: SignedWarrant;
}

/** What was proposed fell, and what was signed before stands. */
export interface StandsPaper extends PaperOf {
  kind: 'stands';
}

/** What the engine asks for when an approval was given, or what was proposed under it fell. */
export interface IssueWarrantInput {
  /** Key of the approval. */
  step: string;
  round: string;
  revision: number;
  hash: string;
  /** Who approved, by the run's own count; absent when what was proposed fell. */
  by?: string[];
  retroactive?: true;
  /** What those who approved filled in, all the same. */
  form?: JsonObject;
  /** Of the run that called this one: what its people countersign here covers nothing but what they were shown. */
  carried?: true;
}

/** Before the key of an approval of the calling run. */
export const carriedMark = '^';

export interface IssueWarrantResult {
  /** By which calls name it: `signoff:1:HASH`. Absent where nothing is kept. */
  name?: string;
}

/** How long a hash is in the name of a warrant: 96 bits. */
export const warrantHashLength = 16;

export function warrantName(gate: string, revision: number, hash: string): string {
  return `${gate}:${revision}:${hash}`;
}

/** The hash at the end of a warrant's name. */
export function warrantHash(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1);
}

/** Type of the failure of a call that no warrant covers. */
export const notCovered = 'NotCovered';
/** Type of the failure of a call that named what was signed before: what is in force by now may be called. */
export const notCurrent = 'NotCurrent';

/** Where a step runs, taken from its key or its call: `id[3].2~1`; `#2` is what a second run of a called runbook did. */
export interface Place {
  id: string;
  /** One a list around it, outermost first. */
  items: string[];
  /** One a repeat around it. */
  rounds: string[];
}

const placeForm = /^([A-Za-z_]\w*)?((?:\[\d+\])*)((?:\.\d+)*)(?:~\d+)?(?:#\d+)?$/;

export function placeOf(key: string): Place | undefined {
  const found = placeForm.exec(key);
  if (!found) return undefined;
  const [, id = '', items = '', rounds = ''] = found;
  return { id, items: items.match(/\[\d+\]/g) ?? [], rounds: rounds.match(/\.\d+/g) ?? [] };
}
