/** Whether each write behind an approval names a warrant of it, and each warrant the votes that are on record. */
import type { Json, JsonObject } from '../../plan/plan.ts';
import { type Place, placeOf, warrantHash } from '../../plan/warrant.ts';
import { type KeptPlan, keptPlan } from '../../workflows/evidence/kept-plan.ts';
import type { AuditFile, Finding } from './file.ts';
import type { AuditRecord } from './record.ts';

export function warranted(file: AuditFile): Finding[] {
  return [...writesAreCovered(file), ...systemsAreSigned(file), ...votesAreOnRecord(file)];
}

/** A warrant that was issued, by its record. */
export interface Issued {
  seq: number;
  gate: string;
  at: Pick<Place, 'items' | 'rounds'>;
  opened: number;
  changed: string[] | undefined;
}

/** Writes of engines that bound their calls to nothing say of no call which it was, and name no warrant. */
function writesAreCovered({ plan, called = [], records }: AuditFile): Finding[] {
  if (!plan) return [];
  const kept = keptPlan(plan, called);
  const issued = new Map<string, Issued>();
  const findings: Finding[] = [];
  for (const { kind, seq, step = '', data } of records) {
    if (kind === 'warrant.issued') issued.set(String(data.hash), issuedIn(seq, data));
    if (kind !== 'action.begun' || data.call === undefined) continue;
    const of = writeOf(step, data, kept);
    if (!of) continue;
    const named = textsIn(data.warrants).flatMap((name) => issued.get(warrantHash(name)) ?? []);
    const said = `Record ${seq} says that ${data.action} began for "${step}${itemOf(data)}", which is behind the approval`;
    for (const gate of of.gates) {
      const mine = named.filter((each) => each.gate === gate && isOf(each, kept, of, gate));
      const latest = mine.at(-1);
      const older =
        latest &&
        !of.undo &&
        Number(data.attempt ?? 1) === 1 &&
        outdatedBy(latest, [...issued.values()], kept, of);
      if (!latest)
        findings.push({
          record: seq,
          message: `${said} "${gate}", and no warrant of that is on record for it${named.some((each) => each.gate === gate) ? ': the one that it names is for another item or round' : ''}.`,
        });
      else if (older)
        findings.push({
          record: seq,
          message: `${said} "${gate}", by a warrant of what was signed before: record ${older.seq} has a later one.`,
        });
    }
  }
  return findings;
}

/** What destroys acts on the system for which it was signed, or on one that the configuration says is the same. */
function systemsAreSigned({ records }: AuditFile): Finding[] {
  const signed = new Map<string, JsonObject>();
  const findings: Finding[] = [];
  for (const { kind, seq, step, data } of records) {
    const { system } = data;
    if (kind === 'warrant.issued' && isMap(data.systems)) signed.set(String(data.hash), data.systems);
    if (kind !== 'action.begun' || data.effect !== 'destructive' || data.renamed || !isMap(system)) continue;
    const connector = String(data.action).split('.')[0] ?? '';
    for (const name of Array.isArray(data.warrants) ? data.warrants.map(String) : []) {
      const before = signed.get(warrantHash(name))?.[connector];
      const other = isMap(before) && Object.keys(system).find((part) => before[part] !== system[part]);
      if (!other) continue;
      findings.push({
        record: seq,
        message: `Record ${seq} says that ${data.action} began for "${step}" on another system than the one for which it was signed: ${other} was ${before[other] ?? 'not set'} and is ${system[other]}.`,
      });
    }
  }
  return findings;
}

function isMap(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export interface WriteOf {
  /** Ids of the step and of those below it that were called: `[tell, account]`. */
  ids: string[];
  id: string;
  place: Place;
  undo: boolean;
  /** Ids of the approvals of this run without which the step cannot be reached. */
  gates: string[];
}

/** What is taken back for a run that this one called stands behind the step that called it: `tell/account.undo`. */
export function writeOf(step: string, data: JsonObject, kept: KeptPlan): WriteOf | undefined {
  const undo = step.endsWith('.undo');
  const [first = '', ...below] = (undo ? step.slice(0, -'.undo'.length) : step).split('/');
  const place = placeOf(below.length > 0 ? first : first + itemOf(data));
  if (!place) return undefined;
  const ids = [place.id, ...below.map((key) => placeOf(key)?.id ?? key)];
  const gates = kept.gatesOf(ids.join('.')).filter((gate) => !gate.includes('.'));
  return { ids, id: place.id, place, undo, gates };
}

function isOf({ at }: Issued, kept: KeptPlan, { id, place }: WriteOf, gate: string): boolean {
  return kept.encloses(gate, at, id, place);
}

export function issuedIn(seq: number, { gate, item, round, opened, changed }: JsonObject): Issued {
  const at = placeOf(`${item ?? ''}${round ?? ''}`);
  return {
    seq,
    gate: String(gate),
    at: at ?? { items: [], rounds: [] },
    opened: Number(opened),
    changed: Array.isArray(changed) ? textsIn(changed) : undefined,
  };
}

/** Something that the step reads was signed since, for this item and round. */
function outdatedBy(by: Issued, issued: readonly Issued[], kept: KeptPlan, of: WriteOf): Issued | undefined {
  return issued.find(
    (each) =>
      each.gate === by.gate &&
      each.opened > by.opened &&
      isOf(each, kept, of, by.gate) &&
      (each.changed === undefined || kept.holds(by.gate, of.id, each.changed)),
  );
}

export function itemOf({ item }: JsonObject): string {
  return typeof item === 'string' ? item : '';
}

export function textsIn(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

export function votesAreOnRecord({ records }: Pick<AuditFile, 'records'>): Finding[] {
  const bySeq = new Map(records.map((record) => [record.seq, record]));
  return records
    .filter(({ kind }) => kind === 'warrant.issued')
    .flatMap(({ seq, step, data }) =>
      votesIn(data)
        .filter(({ person, record }) => !says(bySeq.get(record), person, step, data))
        .map(({ person, record }) => ({
          record: seq,
          message: `The warrant of record ${seq} says that ${person} signed "${step}" by record ${record}, and that record does not.`,
        })),
    );
}

function votesIn({ votes }: JsonObject): { person: string; record: number }[] {
  return Array.isArray(votes) ? (votes as unknown as { person: string; record: number }[]) : [];
}

function says(
  record: AuditRecord | undefined,
  person: string,
  step: string | undefined,
  { shown }: JsonObject,
): boolean {
  if (!record?.kind.startsWith('vote.') || record.step !== step) return false;
  const who = String(record.data.for ?? record.actor).toLowerCase();
  return who === person && record.data.decision === 'approve' && record.data.hash === shown;
}
