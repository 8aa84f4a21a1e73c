/** Everything we keep in PostgreSQL. */
import { Database, migrate } from './database.ts';
import { Deliveries } from './deliveries.ts';
import { Inbox } from './inbox.ts';
import { Notices } from './notices.ts';
import { Runs } from './runs.ts';
import { Sessions } from './sessions.ts';
import { SignInCodes } from './sign-in-codes.ts';

export interface Store {
  runs: Runs;
  inbox: Inbox;
  deliveries: Deliveries;
  notices: Notices;
  sessions: Sessions;
  signInCodes: SignInCodes;
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
    inbox: new Inbox(database),
    deliveries: new Deliveries(database),
    notices: new Notices(database),
    sessions: new Sessions(database),
    signInCodes: new SignInCodes(database),
    ping: async () => {
      await database.query('select 1');
    },
    close: () => database.close(),
  };
}
