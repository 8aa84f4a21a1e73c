/**
 * The records of a run's audit chain, and how they are bound together. Pure, so that an exported chain can be checked
 * anywhere. Change nothing here that goes into a hash: chains written before would no longer verify.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../plan/canonical-json.ts';
import { errorText } from '../../plan/error-text.ts';
import { hashOf } from '../../plan/hash.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import type { JournalEntry } from '../../workflows/journal.ts';

export type AuditKind =
  | 'run.started'
  | 'run.ended'
  /** By the run's own word it ended otherwise, or as well but at another moment, than a worker told that died. Counts instead. */
  | 'run.corrected'
  | 'vote.requested'
  | 'vote.accepted'
  | 'vote.refused'
  | 'vote.unknown'
  | 'command.requested'
  | 'command.accepted'
  | 'command.refused'
  | 'command.unknown'
  | 'action.begun'
  | 'action.ended'
  /** Something came through Temporal that we had not sealed, or not for this. */
  | 'call.refused'
  | 'gate.opened'
  | 'gate.escalated'
  /** On whose signatures the writes behind an approval are carried out. */
  | 'warrant.issued'
  | 'people.told'
  /** Before signing, of whoever asked; and what they answered. */
  | 'question.asked'
  | 'question.answered'
  /** Before the run is told of an accepted suggestion, so that nobody declines it meanwhile; and that the run refused it. */
  | 'question.accepting'
  | 'question.refused'
  /** Of the ticket: who read which file, and its digest. */
  | 'file.opened'
  /** A message that could not be sent was tried again, or set aside, by a person. */
  | 'message.triedAgain'
  | 'message.setAside'
  /** Who names whom to stand in for them, in a chain of its own. */
  | 'delegation.made'
  | 'delegation.ended'
  /** What `retention` says went: the journal, or the run. */
  | 'run.pruned';

/** What happened, before it has its place in the chain. */
export interface AuditEntry {
  runId: string;
  kind: AuditKind;
  step?: string;
  /** Who did it: an e-mail address, a service's name, or `countersign` itself. */
  actor: string;
  /** Never a value that people handed in: their names, and digests by which values can be compared. */
  data: JsonObject;
}

export interface AuditRecord extends AuditEntry {
  /** From 1, without gaps. */
  seq: number;
  at: string;
  /** Hash of the record before; of the first one, {@link noHash}. */
  previous: string;
  /** sha256 (hex) of the canonical JSON of everything above. */
  hash: string;
  /** `KEY.MAC`: only this installation's key ring gives it. */
  mac: string;
}

/** Where a chain ends, so that records missing at its end are noticed. */
export interface AuditHead {
  seq: number;
  hash: string;
  mac: string;
}

/** Makes and checks what only this installation can make. */
export interface Signer {
  /** `KEY.MAC` by the current key. */
  mac(purpose: string, text: string): string;
  /** Throws when the key is not in the key ring. */
  checkMac(purpose: string, text: string, mac: string): boolean;
}

export const noHash = '0'.repeat(64);

export const macPurposes = { record: 'audit', head: 'audit head', value: 'audit value' } as const;

export function hashOfRecord(record: Omit<AuditRecord, 'hash' | 'mac'>): string {
  const { runId, seq, at, kind, step, actor, data, previous } = record;
  return hashOf({ runId, seq, at, kind, step: step ?? null, actor, data, previous });
}

/** What the head's MAC is over: its purpose differs from a record's, so that no record's MAC can stand in for it. */
export function headText(runId: string, { seq, hash }: Pick<AuditHead, 'seq' | 'hash'>): string {
  return `${runId}\n${seq}\n${hash}`;
}

/** What is wrong with a record by itself, whatever stands before it. */
export function contentProblem(record: AuditRecord, name: string, signer?: Signer): string | undefined {
  if (record.hash !== hashOfRecord(record))
    return `${name} was changed after it was written: its content does not give its hash.`;
  return signatureProblem(signer, name, macPurposes.record, record.hash, record.mac);
}

export function signatureProblem(
  signer: Signer | undefined,
  name: string,
  purpose: string,
  text: string,
  mac: string,
): string | undefined {
  if (!signer) return undefined;
  try {
    if (signer.checkMac(purpose, text, mac)) return undefined;
    return `${name} was not written by this installation: its signature does not match.`;
  } catch (error) {
    return `${name} cannot be checked. ${errorText(error)}`;
  }
}

/** By this a value can be compared with another, and not guessed without the key ring. */
export function digestOf(signer: Signer, value: Json): string {
  return signer.mac(macPurposes.value, canonicalJson(value));
}

/** False too for one that was made by a key which is gone: then nothing is known of it. */
export function isKnownDigest(signer: Signer, value: Json, digest: Json): boolean {
  try {
    return typeof digest === 'string' && signer.checkMac(macPurposes.value, canonicalJson(value), digest);
  } catch {
    return false;
  }
}

/** sha256 (hex) over all entries in order, a line of canonical JSON each. */
export function journalDigest(entries: readonly JournalEntry[]): string {
  const hash = createHash('sha256');
  for (const entry of entries) hash.update(`${canonicalJson(entry as unknown as Json)}\n`);
  return hash.digest('hex');
}
