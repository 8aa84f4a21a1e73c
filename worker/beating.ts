/** The heartbeats of what the engine itself calls. */
import type { EngineActivity } from '../activities/engine/activities.ts';
import { startBeating } from '../activities/kit/activity.ts';
import { whileAway } from '../activities/kit/while-away.ts';

/** Also what the engine itself calls is noticed within seconds when its worker dies, takes the time that it takes, and waits for the database. */
export function beating(activities: Record<string, EngineActivity>): Record<string, EngineActivity> {
  return Object.fromEntries(
    Object.entries(activities).map(([name, work]): [string, EngineActivity] => [
      name,
      async (input, call) => {
        const stop = startBeating();
        try {
          return await whileAway(() => work(input, call));
        } finally {
          stop();
        }
      },
    ]),
  );
}
