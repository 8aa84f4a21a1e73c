/** The heartbeats of what the engine itself calls. */
import type { EngineActivity } from '../activities/engine/activities.ts';
import { startBeating } from '../activities/kit/activity.ts';

/** Also what the engine itself calls is noticed within seconds when its worker dies, and takes the time that it takes. */
export function beating(activities: Record<string, EngineActivity>): Record<string, EngineActivity> {
  return Object.fromEntries(
    Object.entries(activities).map(([name, work]): [string, EngineActivity] => [
      name,
      async (input, call) => {
        const stop = startBeating();
        try {
          return await work(input, call);
        } finally {
          stop();
        }
      },
    ]),
  );
}
