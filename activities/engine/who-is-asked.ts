/** Whom a gate asks, how many of them must sign, and who else could. */
import { ApplicationFailure } from '@temporalio/common';
import { localDay } from '../../organisation/local-time.ts';
import { resolvePeople } from '../../organisation/people.ts';
import { eligibleBy, neededOf, type Signers, signersOf } from '../../organisation/signers.ts';
import type { OpenGateInput, OpenGateResult } from '../../workflows/engine-activities.ts';
import type { EngineServices } from './services.ts';

/** Whom the owner has asked instead stays asked; whom the runbook names is asked besides where too few of those may sign. */
export function askedBy(
  input: OpenGateInput,
  except: string[],
  services: EngineServices,
): { approvers: string[]; standIns: Signers['standIns']; needed: number } {
  const barred = [...input.barred, ...except];
  const instead = insteadOf(input, barred, services);
  const neededOfThese = (people: string[]) =>
    neededOf(input.quorum, counted(input, people, except, services), {
      title: input.title,
      mayEscalate: mayEscalate(input),
    });
  if (instead.length > 0 && instead.length >= neededOfThese(instead))
    return { approvers: instead, standIns: {}, needed: neededOfThese(instead) };
  const { people, standIns } = whoMaySign(input, barred, services);
  const approvers = [...new Set([...instead, ...people])];
  return { approvers, standIns, needed: neededOfThese(approvers) };
}

/** Nobody whom neither the gate nor the configuration names, whatever the run says. */
function insteadOf(
  { instead = [], from, escalate, lastResort }: OpenGateInput,
  barred: string[],
  services: EngineServices,
): string[] {
  const named = new Set(
    eligibleBy(
      [...from, escalate ?? '', lastResort ?? ''].filter((name) => name !== ''),
      services.roles(),
    ),
  );
  return instead.filter((person) => named.has(person) && !barred.includes(person));
}

/** Of a gate that its runbook can take no further there must be somebody to ask. */
function mayEscalate({ configured, escalate, lastResort }: OpenGateInput): boolean {
  return configured === true && Boolean(escalate || lastResort);
}

/** Whoever asked for the run, or otherwise had a hand in it, does not sign for it. */
function whoMaySign(input: OpenGateInput, barred: string[], services: EngineServices): Signers {
  const signers = signersBy(input.from, barred, input.openedAt, services);
  if (signers.people.length > 0 || (mayEscalate(input) && input.from.length > 0)) return signers;
  throw nobodyMaySign(input.from, services);
}

export function signersBy(from: string[], barred: string[], at: number, services: EngineServices): Signers {
  const day = localDay(at, services.calendars().timezone);
  return signersOf({ from, day, roles: services.roles(), barred });
}

export function nobodyMaySign(from: string[], services: EngineServices): ApplicationFailure {
  const asked = resolvePeople(from, services.roles());
  return ApplicationFailure.nonRetryable(
    asked.length === 0
      ? 'Nobody is named who could sign.'
      : `Only ${asked.join(', ')} could sign, who asked for this run, had a hand in it or is left out by the runbook. Name somebody else, then retry this step.`,
    'PermanentFailure',
  );
}

/** Who counts for the quorum: all that are configured, here or away, less the requester and whom the runbook leaves out. */
function counted(
  { configured, from, requester }: OpenGateInput,
  approvers: string[],
  except: string[],
  services: EngineServices,
): string[] {
  if (!configured) return approvers;
  const left = new Set([requester.id.toLowerCase(), ...except]);
  return resolvePeople(from, services.roles()).filter((person) => !left.has(person));
}

export function othersWhoCould(
  { from, escalate, lastResort, barred, openedAt }: OpenGateInput,
  services: EngineServices,
): Pick<OpenGateResult, 'eligible' | 'roles'> {
  const names = [...from, escalate ?? '', lastResort ?? ''].filter((name) => name !== '');
  const roles: Record<string, string[]> = {};
  for (const name of names.filter((each) => each.startsWith('role:')))
    if (services.roles()[name.slice(5)]?.people.length)
      roles[name] = signersBy([name], barred, openedAt, services).people;
  return { eligible: eligibleBy(names, services.roles()), roles };
}
