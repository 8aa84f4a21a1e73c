/** What the workers of the gated runbook share: a connector in the kit's own form, over a database that keeps every attempt. */
import { Type } from 'typebox';
import { engineActivities } from '../../activities/engine/activities.ts';
import { activitiesOf } from '../../activities/kit/activity.ts';
import { AttemptClient } from '../../activities/kit/attempt-client.ts';
import { defineAction } from '../../activities/kit/define-action.ts';
import { defineConnector } from '../../activities/kit/define-connector.ts';
import { Outbound } from '../../activities/kit/outbound.ts';
import { Guard } from '../../activities/kit/warrants/guard.ts';
import { Calendars } from '../../organisation/calendars.ts';
import { openStore } from '../../store/store.ts';
import { type KeyRing, Seal } from '../../vault/seal.ts';
import { ConfiguredSecrets } from '../../vault/secrets.ts';
import { loadWarrantKey } from '../../vault/warrants.ts';
import { attemptRecorder, engineRecorder } from '../../worker/audit.ts';
import { warrantOffice, warrantRegister } from '../../worker/warrants.ts';
import type { ActivityGroup } from '../../worker/worker.ts';

class NoClient extends AttemptClient {}

let count = 0;
const write = defineAction({
  name: 'bench.write',
  title: 'Write',
  description: 'Makes one thing.',
  effect: 'write',
  source: 'bench',
  input: Type.Object({}, { additionalProperties: true }),
  output: Type.Object({ id: Type.String() }),
  examples: [],
  run: async () => {
    count += 1;
    return { id: `object-${count}` };
  },
});

const connector = defineConnector({
  name: 'bench',
  title: 'Bench',
  settings: Type.Object({}),
  sameSystem: [],
  connect: () => new NoClient(),
  actions: [write],
  callsPerSecond: 100_000,
});

export interface KeptOptions {
  database: string;
  dataFolder: string;
  keys: KeyRing;
  /** Else nothing is issued, named or looked at. */
  warrants: boolean;
}

export async function keptGroups({ database, dataFolder, keys, warrants }: KeptOptions) {
  const seal = new Seal(keys);
  const store = await openStore(database, seal);
  const key = await loadWarrantKey(dataFolder);
  await store.warrantKeys.list(key.id, key.publicKey);
  const refused = async ({ why }: { why: string }) => console.error(`refused: ${why}`);
  const calendars = new Calendars({ calendars: {}, timezone: 'UTC', read: () => '' });
  const activities = activitiesOf([connector], {
    secrets: new ConfiguredSecrets({}),
    seal,
    settings: () => ({}),
    outbound: new Outbound(),
    record: attemptRecorder(store.audit, seal),
    ...(warrants ? { guard: new Guard(warrantRegister({ store, key, seal, refused })) } : {}),
  });
  const groups: ActivityGroup[] = [
    { connector: 'bench', activities: activities.bench ?? {} },
    {
      connector: 'countersign',
      activities: engineActivities({
        roles: () => ({}),
        calendars: () => calendars,
        tell: async () => {},
        record: engineRecorder(store.audit, store.warrants),
        ...(warrants ? { warrants: warrantOffice(store, key, seal) } : {}),
      }),
    },
  ];
  return { groups, store };
}
