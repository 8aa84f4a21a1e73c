/** What is asked beside the effect, and of whom: all of it from the database, and nothing from the call. */
import type { ListReference } from '../../../plan/kept-list.ts';
import type { Json, JsonObject, Plan } from '../../../plan/plan.ts';
import type { GatePaper, IssuedPaper, SignedWarrant, Warrant } from '../../../plan/warrant.ts';
import type { RefusedCall } from '../leave.ts';

/** A warrant that was believed. */
export interface Believed {
  paper: IssuedPaper;
  warrant: Warrant;
}

/** What a step gave, by item and round: `[3].2`. */
export interface GivenOutput {
  item: string;
  output: Json;
}

export interface WarrantRegister {
  /** By the hash, or by the first half of it. Undefined when it is not kept. */
  plan(hash: string): Promise<Plan | undefined>;
  run(id: string): Promise<{ workflowId: string; planHash?: string } | undefined>;
  /** Which execution a start began; undefined while it has called nothing. */
  begunBy(start: string): Promise<string | undefined>;
  /** Whether the run had begun when this was recorded of the run that called it. */
  wasUnderWay(run: string, before: { run: string; record: number }): Promise<boolean>;
  /** A run that was live when warrants came. */
  isOlder(run: string): Promise<boolean>;
  /** Of these runs, in the order of their records. */
  papers(runs: readonly string[]): Promise<{ count: number; papers: GatePaper[] }>;
  /** By the hashes in the names of warrants. */
  named(hashes: readonly string[]): Promise<GatePaper[]>;
  /** Undefined for one that is not believed. */
  open(signed: SignedWarrant): Promise<Warrant | undefined>;
  /** For an approval of an older run: from the records alone. Rejects where these do not say that it was given. */
  issueOlder(run: string, gate: string): Promise<void>;
  /** What the step gave in this item and those within, the last one last. */
  outputs(run: string, step: string, item: string): Promise<GivenOutput[]>;
  keepOutput(run: string, step: string, given: GivenOutput): Promise<void>;
  /** An item of a list that is kept beside its run; undefined where it is not there as it was given. */
  listItem?(list: ListReference, item: number): Promise<Json | undefined>;
  /** New values that inputs of the run were given, in their order. */
  amended(run: string): Promise<JsonObject[]>;
  /** What is sealed in it is opened: sealed anew each time, it is compared by its content. Throws where a key is gone. */
  opened(value: Json): Json;
  /** Whether a keyed digest is that of the value. */
  isValue(value: Json, digest: string): boolean;
  refused(refused: RefusedCall): Promise<void>;
}
