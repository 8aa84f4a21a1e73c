/** Whether each write behind an approval names a warrant of it, and each warrant the votes that are on record. */
import { innerSteps } from '../../plan/inner-steps.ts';
import type { Json, JsonObject, Plan, Step } from '../../plan/plan.ts';
import { warrantHash } from '../../plan/warrant.ts';
import type { AuditFile, Finding } from './file.ts';
import type { AuditRecord } from './record.ts';

export function warranted(file: AuditFile): Finding[] {
  return [...writesAreCovered(file), ...systemsAreSigned(file), ...votesAreOnRecord(file)];
}

/** Writes of engines that bound their calls to nothing say of no call which it was, and name no warrant. */
function writesAreCovered({ plan, records }: AuditFile): Finding[] {
  const behind = plan ? gatesByStep(plan) : new Map<string, string[]>();
  const issued = new Map<string, string>();
  const findings: Finding[] = [];
  for (const record of records) {
    const { kind, seq, step = '', data } = record;
    if (kind === 'warrant.issued') issued.set(String(data.hash), String(data.gate));
    if (kind !== 'action.begun' || data.call === undefined) continue;
    const named = Array.isArray(data.warrants) ? data.warrants.map(String) : [];
    const gates = new Set(named.map((name) => issued.get(warrantHash(name))));
    for (const gate of behind.get(/^\w+/.exec(step)?.[0] ?? '') ?? [])
      if (!gates.has(gate))
        findings.push({
          record: seq,
          message: `Record ${seq} says that ${data.action} began for "${step}", which is behind the approval "${gate}", and no warrant of that is on record for it.`,
        });
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

/** Of each approval that is waited for, the steps that cannot be reached without it, as far as they read something. */
function gatesByStep({ covers = {}, steps, finally: last }: Plan): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const gates = new Set<string>();
  const visit = (list: readonly Step[]): void => {
    for (const step of list) {
      if (step.kind === 'approve' && !step.retroactive) gates.add(step.id);
      for (const inner of innerSteps(step)) visit(inner);
    }
  };
  visit(steps);
  visit(last);
  for (const [gate, leaves] of Object.entries(covers))
    for (const { readers, loose = [] } of leaves)
      for (const reader of readers) {
        if (!gates.has(gate) || reader === gate || loose.includes(reader)) continue;
        const known = found.get(reader) ?? [];
        if (!known.includes(gate)) found.set(reader, [...known, gate]);
      }
  return found;
}

function votesAreOnRecord({ records }: AuditFile): Finding[] {
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
