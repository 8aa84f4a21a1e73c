/** On which systems the steps behind an approval act, as the connectors are configured when people are asked. */
import { actingOn } from '../activities/kit/acting-system.ts';
import type { Connector } from '../activities/kit/define-connector.ts';
import type { Services } from '../activities/kit/services.ts';
import { analyseGates } from '../compiler/gates/analyse.ts';
import type { CallContext, Plan } from '../plan/plan.ts';
import { placeOf, type SystemParts } from '../plan/warrant.ts';
import type { Store } from '../store/store.ts';
import { callsOf } from '../workflows/evidence/kept-plan.ts';
import { planOfRun } from './warrants.ts';

/** An action, and the form of a declared one with which its run began. */
interface Used {
  action: string;
  declared?: string;
}

interface Surroundings {
  store: Pick<Store, 'runs'>;
  connectors: readonly Connector[];
  services: Services;
}

/** By connector, for those of the steps and undos that cannot be reached without the approval. */
export function systemsBehind({ store, connectors, services }: Surroundings) {
  const byAction = new Map(
    connectors.flatMap((connector) =>
      connector.actions.map(({ name }) => [name as string, connector] as const),
    ),
  );
  const used = new Map<string, Promise<Used[]>>();

  const connectorOf = async ({ action, declared }: Used): Promise<Connector | undefined> => {
    const kept = declared === undefined ? undefined : await services.keptAction?.(declared);
    return kept?.connector ?? byAction.get(action);
  };

  return async (call: CallContext, gate: string): Promise<Record<string, SystemParts>> => {
    const plan = await planOfRun(store, call);
    if (!plan) throw new Error(`The run ${call.run} is not listed yet, so it is not known on what it acts.`);
    const id = placeOf(gate)?.id ?? gate;
    const key = `${plan.hash} ${id}`;
    if (used.size >= remembered) used.clear();
    const actions = used.get(key) ?? usedBehind(plan, id, store);
    used.set(key, actions);
    actions.catch(() => used.delete(key));
    const found: Record<string, SystemParts> = {};
    for (const connector of new Set(await Promise.all((await actions).map(connectorOf)))) {
      if (!connector) continue;
      const { now } = await actingOn(connector, services);
      // Actions in TypeScript and declared ones may make one connector, with settings of each.
      found[connector.name] = { ...found[connector.name], ...now };
    }
    return found;
  };
}

const remembered = 1_000;

async function usedBehind(plan: Plan, gate: string, { runs }: Pick<Store, 'runs'>): Promise<Used[]> {
  const called = new Map<string, Plan>();
  const follow = async (each: Plan): Promise<void> => {
    for (const hash of callsOf(each)) {
      const inner = await runs.plan(hash);
      if (!inner || called.has(inner.runbook)) continue;
      called.set(inner.runbook, inner);
      await follow(inner);
    }
  };
  await follow(plan);
  const { steps } = analyseGates(plan, (name) => called.get(name));
  const used = new Map<string, Used>();
  for (const { step, runbook, gates } of steps) {
    if (step.kind !== 'action' || !gates.some(({ id }) => id === gate)) continue;
    const { declared = {} } = runbook === plan.runbook ? plan : (called.get(runbook) ?? plan);
    for (const action of [step.uses, ...(step.undo ? [step.undo.uses] : [])]) {
      const form = declared[action];
      used.set(`${action} ${form}`, form === undefined ? { action } : { action, declared: form });
    }
  }
  return [...used.values()];
}
