/**
 * The runs that called this one: what was done here stands on what their people signed, too. Of each the file has its plan, how it began,
 * its warrants, and the votes that these count.
 */
import { type Place, placeOf, warrantHash } from '../../plan/warrant.ts';
import { type KeptPlan, keptPlan } from '../../workflows/evidence/kept-plan.ts';
import { type AuditFile, type Caller, type Finding, planHash } from './file.ts';
import { contentProblem, type Signer } from './record.ts';
import { type Issued, issuedIn, itemOf, textsIn, votesAreOnRecord, writeOf } from './warranted.ts';

/** A step that called, and the warrants of its run. */
interface Calling {
  caller: Caller;
  kept: KeptPlan;
  id: string;
  place: Place;
  issued: Map<string, Issued>;
}

export function callersAgree(file: AuditFile, signer?: Signer): Finding[] {
  const { callers } = file;
  // Of a run that nobody called, and of a file that was exported before callers were in it.
  if (callers === undefined) return [];
  const wrong = [
    ...notCalled(file, callers),
    ...callers.flatMap((caller) => ofCaller(caller, notGenuine(caller, signer))),
  ];
  if (wrong.length > 0) return wrong;
  return [
    ...callers.flatMap((caller) => ofCaller(caller, votesAreOnRecord(caller))),
    ...writesAreCovered(file, callers.flatMap(callingOf)),
  ];
}

/** Which run called this one its first record says, which nobody can change; and that one's says the same of itself. */
function notCalled(file: AuditFile, callers: readonly Caller[]): Finding[] {
  const findings: Finding[] = [];
  let below: Pick<Caller, 'run' | 'records'> = file;
  for (const [index, caller] of [...callers, undefined].entries()) {
    const started = below.records.find(({ kind }) => kind === 'run.started');
    const partOf = started?.data.partOf;
    if (!started || (caller === undefined && partOf === undefined)) break;
    const said = `${index === 0 ? 'The run' : `The run ${below.run.id}, which called it,`} was called by the run ${partOf ?? '(none)'}`;
    if (!caller)
      findings.push({
        message: `${said}, and of that nothing is kept: on whose signatures it stands is not known.`,
      });
    else if (partOf !== caller.run.id)
      findings.push({ message: `${said} by its first record, and is listed as called by ${caller.run.id}.` });
    else if (calledPlanOf(caller) !== below.run.planHash)
      findings.push({ message: `${said}, of which the step "${caller.step}" calls another runbook.` });
    if (!caller) break;
    below = caller;
  }
  return findings;
}

function calledPlanOf({ plan, step }: Caller): string | undefined {
  const place = placeOf(step);
  const found = plan && place && keptPlan(plan).step(place.id);
  return found?.kind === 'runbook' ? found.planHash : undefined;
}

function notGenuine({ run, plan, records }: Caller, signer: Signer | undefined): Finding[] {
  const findings: Finding[] = records.flatMap((record) => {
    const name = `Record ${record.seq} (${record.kind}, ${record.actor}, ${record.at})`;
    const message =
      record.runId === run.id ? contentProblem(record, name, signer) : `${name} belongs to another run.`;
    return message === undefined ? [] : [{ message }];
  });
  const started = records.find(({ kind }) => kind === 'run.started');
  if (!plan || !started || planHash(plan) !== started.data.planHash || plan.hash !== run.planHash)
    findings.push({ message: 'The plan that it was started with is not the one that is kept.' });
  return findings;
}

/** In words that say whose records they are about. */
function ofCaller({ run }: Caller, findings: readonly Finding[]): Finding[] {
  return findings.map(({ message }) => ({
    message: `Of the run ${run.id} that called this one: ${message}`,
  }));
}

function callingOf(caller: Caller): Calling[] {
  const place = placeOf(caller.step);
  if (!caller.plan || !place) return [];
  const issued = new Map(
    caller.records
      .filter(({ kind }) => kind === 'warrant.issued')
      .map(({ seq, data }) => [String(data.hash), issuedIn(seq, data)]),
  );
  return [{ caller, kept: keptPlan(caller.plan, caller.called), id: place.id, place, issued }];
}

/** Each write, by a warrant of each approval of a calling run that the step which called is behind. */
function writesAreCovered({ plan, called = [], records }: AuditFile, calling: readonly Calling[]): Finding[] {
  if (!plan) return [];
  const own = keptPlan(plan, called);
  const findings: Finding[] = [];
  for (const { kind, seq, step = '', data } of records) {
    if (kind !== 'action.begun' || data.call === undefined) continue;
    const of = writeOf(step, data, own);
    if (!of) continue;
    const hashes = textsIn(data.warrants).map(warrantHash);
    for (const [index, { caller, kept, id, place, issued }] of calling.entries()) {
      const above = calling.slice(0, index + 1).map((each) => each.id);
      const path = [...above.reverse(), ...of.ids].join('.');
      for (const gate of kept.gatesOf(path).filter((each) => !each.includes('.'))) {
        const named = hashes.flatMap((hash) => issued.get(hash) ?? []);
        if (named.some((each) => each.gate === gate && kept.encloses(gate, each.at, id, place))) continue;
        findings.push({
          record: seq,
          message: `Record ${seq} says that ${data.action} began for "${step}${itemOf(data)}", which is behind the approval "${gate}" of the run ${caller.run.id} that called this one, and no warrant of that is on record for it.`,
        });
      }
    }
  }
  return findings;
}
