/** Everything we keep in PostgreSQL. */
import { Database, migrate } from './database.ts';
import { Deliveries } from './deliveries.ts';
import { Events } from './events.ts';
import { Notices } from './notices.ts';
import { Runs } from './runs.ts';

export interface Store {
  runs: Runs;
  deliveries: Deliveries;
  events: Events;
  notices: Notices;
  /** Rejects with `StoreUnavailable` when the database is away. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Connects and brings the tables up to date. */
export async function openStore(url: string): Promise<Store> {
  const database = new Database(url);
  try {
    await migrate(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  return {
    runs: new Runs(database),
    deliveries: new Deliveries(database),
    events: new Events(database),
    notices: new Notices(database),
    ping: async () => {
      await database.query('select 1');
    },
    close: () => database.close(),
  };
}
