/** Warrants as a worker issues them, and what its actions ask beside their effects. */
import { ApplicationFailure } from '@temporalio/common';
import type { WarrantOffice } from '../activities/engine/services.ts';
import type { RefusedCall } from '../activities/kit/bound-call.ts';
import { PermanentFailure } from '../activities/kit/failures.ts';
import { KeptLists } from '../activities/kit/kept-lists.ts';
import { isBound } from '../activities/kit/warrants/place-of-call.ts';
import type { WarrantRegister } from '../activities/kit/warrants/register.ts';
import { coversOf } from '../compiler/gates/cover.ts';
import { defined, unlessEmpty } from '../plan/defined.ts';
import type { ListReference } from '../plan/kept-list.ts';
import type { CallContext, Json, JsonObject, Plan } from '../plan/plan.ts';
import {
  type AskedPaper,
  carriedMark,
  notCovered,
  placeOf,
  type Warrant,
  warrantName,
} from '../plan/warrant.ts';
import { digestOf, isKnownDigest, type Signer } from '../store/audit/record.ts';
import type { Store } from '../store/store.ts';
import { NotOnRecord } from '../store/warrants/from-records.ts';
import type { RestOfWarrant } from '../store/warrants/warrants.ts';
import type { SigningKey } from '../vault/commands.ts';
import type { Seal } from '../vault/seal.ts';
import { signWarrant, WarrantSeals } from '../vault/warrants.ts';
import type { ProposalView } from '../workflows/messages.ts';

type Parts = Pick<Store, 'warrants' | 'runs'>;

export function warrantOffice(store: Parts, key: SigningKey, signer: Signer): WarrantOffice {
  return {
    stands: (run, gate) => store.warrants.stands(run, gate),
    async issue(call, input) {
      const { run } = call;
      const plan = await planOfRun(store, call);
      if (!plan) throw new Error(`The run ${run} is not listed yet, so its warrant cannot be issued.`);
      const { id = '', items = [] } = placeOf(input.step) ?? {};
      try {
        const hash = await store.warrants.issue({
          run,
          gate: input.step,
          hash: input.hash,
          by: input.by ?? [],
          ...defined({ filledIn: input.form && isRecordedAs(input.form, signer) }),
          ...defined({ as: input.carried && carriedMark + input.step }),
          rest: (_, asked) => ({
            ...restOf(plan, input.carried ? carriedMark + id : id, items.join(''), asked),
            ...defined({
              round: input.round,
              retroactive: input.retroactive,
              form: input.form && digestOf(signer, input.form),
            }),
          }),
          sign: (warrant) => signWarrant(key, warrant),
        });
        if (input.form)
          await store.warrants.keepOutput(run, id, {
            item: items.join('') + input.round,
            output: input.form,
          });
        return warrantName(input.step, input.revision, hash);
      } catch (error) {
        if (!(error instanceof NotOnRecord)) throw error;
        throw ApplicationFailure.nonRetryable(
          `No warrant can be issued for "${input.step}": ${error.message}. Try again to have people asked again.`,
          notCovered,
        );
      }
    },
  };
}

/** Field by field, as the gateway puts on record what somebody handed in. */
function isRecordedAs(form: JsonObject, signer: Signer): (recorded: Json) => boolean {
  const fields = Object.keys(form).sort().join(' ');
  return (recorded) =>
    isObject(recorded ?? {}) &&
    Object.keys(recorded ?? {})
      .sort()
      .join(' ') === fields &&
    Object.entries((recorded ?? {}) as JsonObject).every(([name, digest]) =>
      isKnownDigest(signer, form[name] ?? null, digest),
    );
}

/** For an approval of a run that an older engine began: from the records alone, by the rules of their time. */
export async function issueOlder(
  { warrants, runs }: Parts,
  key: SigningKey,
  { run, gate }: { run: string; gate: string },
): Promise<string> {
  const row = await runs.whereabouts(run);
  const plan = row?.planHash === undefined ? undefined : await runs.plan(row.planHash);
  const { id = '', items = [] } = placeOf(gate) ?? {};
  if (!plan) throw new NotOnRecord('the plan of the run is not kept any more');
  return warrants.issue({
    run,
    gate,
    rest: (_, asked) => ({ ...restOf(plan, id, items.join(''), asked), before: 4 }),
    sign: (warrant: Warrant) => signWarrant(key, warrant),
  });
}

/** Of one that is not listed yet, as the call says: what it says of its plan is compared beside every effect. */
export async function planOfRun({ runs }: Pick<Store, 'runs'>, call: CallContext): Promise<Plan | undefined> {
  const row = await runs.whereabouts(call.run);
  if (row?.planHash !== undefined) return runs.plan(row.planHash);
  return isBound(call) ? runs.planLike(call.plan) : undefined;
}

/** One approval of a run that an older engine began. */
export interface Migrated {
  run: string;
  gate: string;
  /** By which it is known. */
  warrant?: string;
  /** Why there is none: nobody has signed yet, or not enough of them. */
  why?: string;
}

export async function* migrateOlderRuns(store: Parts, key: SigningKey): AsyncGenerator<Migrated> {
  for (const run of await store.warrants.olderRuns())
    for (const gate of await store.warrants.gatesAskedFor(run))
      try {
        yield { run, gate, warrant: await issueOlder(store, key, { run, gate }) };
      } catch (error) {
        if (!(error instanceof Error && ['NotOnRecord', 'NotSettled'].includes(error.name))) throw error;
        yield { run, gate, why: error.message };
      }
}

function restOf(plan: Plan, gate: string, item: string, asked: AskedPaper | undefined): RestOfWarrant {
  const proposed = (asked?.shown.proposed ?? []) as unknown as ProposalView[];
  const changed = proposed.flatMap(({ changes }) => changes.map(({ path }) => path));
  return {
    plan: plan.hash,
    gate,
    item,
    round: '',
    cover: (coversOf(plan)[gate] ?? []).map(({ path }) => path),
    ...defined({ changed: unlessEmpty(changed) }),
  };
}

export interface GuardParts {
  store: Store;
  key: SigningKey;
  seal: Pick<Seal, 'openAll' | 'mac' | 'checkMac' | 'encrypt' | 'decrypt'>;
  refused(refused: RefusedCall): Promise<void>;
}

export function warrantRegister({ store, key, seal, refused }: GuardParts): WarrantRegister {
  const { warrants, runs, starts, warrantKeys } = store;
  const seals = new WarrantSeals((id) => warrantKeys.find(id));
  const lists = new KeptLists(store.runLists, seal);
  return {
    plan: async (hash) => (hash.length < 64 ? runs.planLike(hash) : runs.plan(hash)),
    run: (id) => runs.whereabouts(id),
    begunBy: (start) => starts.begunBy(start),
    wasUnderWay: (run, before) => warrants.wasUnderWay(run, before),
    isOlder: (run) => warrants.isOlder(run),
    papers: (ids) => warrants.of(ids),
    named: (hashes) => warrants.named(hashes),
    open: (signed) => seals.open(signed),
    issueOlder: async (run, gate) => {
      await issueOlder(store, key, { run, gate });
    },
    outputs: (run, step, item) => warrants.outputs(run, step, item),
    keepOutput: (run, step, given) => warrants.keepOutput(run, step, given),
    listItem: (list, item) => itemOf(lists, list, item),
    amended: (run) => warrants.amended(run),
    opened: (value) => seal.openAll(value),
    isValue: (value, digest) => isKnownDigest(seal, value, digest),
    refused,
  };
}

async function itemOf(lists: KeptLists, list: ListReference, item: number): Promise<Json | undefined> {
  try {
    return (await lists.some(list, [item]))[0];
  } catch (error) {
    if (error instanceof PermanentFailure) return undefined;
    throw error;
  }
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
