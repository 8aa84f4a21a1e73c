/** Everything we keep in PostgreSQL. */

import { Agenda } from './agenda.ts';
import { Audit } from './audit/audit.ts';
import { journalSeal } from './audit/journal-seal.ts';
import { Questions } from './audit/questions.ts';
import type { Signer } from './audit/record.ts';
import { Refusals } from './audit/refusals.ts';
import { AuditStream } from './audit/stream.ts';
import { CalendarFeeds } from './calendar-feeds.ts';
import { Comparisons } from './comparisons.ts';
import { Database, migrate } from './database.ts';
import { DeclaredActions } from './declared-actions.ts';
import { Delegations } from './delegations.ts';
import { type Cipher, Deliveries } from './deliveries.ts';
import { Doings } from './doings.ts';
import { FirstLooks } from './first-looks.ts';
import { GatewayAddress } from './gateway-address.ts';
import { Inbox } from './inbox.ts';
import { Lag } from './lag.ts';
import { Notices } from './notices.ts';
import { Orders } from './orders.ts';
import { Outbox } from './outbox.ts';
import { Events } from './outside-events.ts';
import { Overview } from './overview.ts';
import { Register } from './register/register.ts';
import { Removal } from './removal.ts';
import { RunLists } from './run-lists.ts';
import { RunNotes } from './run-notes.ts';
import { Runs } from './runs.ts';
import { SavedViews } from './saved-views.ts';
import { PublicKeys, RunStarts } from './sealed.ts';
import { Sessions } from './sessions.ts';
import { SignInCodes } from './sign-in-codes.ts';
import { Warrants } from './warrants/warrants.ts';

/** What the installation's key ring does for the store. */
export type StoreKeys = Signer & Cipher;

export interface Store {
  audit: Audit;
  auditStream: AuditStream;
  runs: Runs;
  runNotes: RunNotes;
  runLists: RunLists;
  questions: Questions;
  agenda: Agenda;
  delegations: Delegations;
  comparisons: Comparisons;
  inbox: Inbox;
  doings: Doings;
  overview: Overview;
  savedViews: SavedViews;
  calendarFeeds: CalendarFeeds;
  refusals: Refusals;
  removal: Removal;
  deliveries: Deliveries;
  events: Events;
  firstLooks: FirstLooks;
  declaredActions: DeclaredActions;
  orders: Orders;
  register: Register;
  notices: Notices;
  lag: Lag;
  outbox: Outbox;
  gatewayAddress: GatewayAddress;
  sessions: Sessions;
  signInCodes: SignInCodes;
  gatewayKeys: PublicKeys;
  warrantKeys: PublicKeys;
  warrants: Warrants;
  starts: RunStarts;
  /** Writes something. Rejects with `StoreUnavailable` when the database is away, or has no room. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Connects and brings the tables up to date. Without keys nothing is put on record or encrypted, which is for measurements
 * and for tests of something else only.
 */
export async function openStore(url: string, keys?: StoreKeys): Promise<Store> {
  const database = new Database(url);
  try {
    await migrate(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  const audit = new Audit(database, keys);
  const runs = new Runs(database, keys && journalSeal(audit));
  return {
    audit,
    auditStream: new AuditStream(database),
    runs,
    runNotes: new RunNotes(database),
    runLists: new RunLists(database),
    questions: new Questions(database, audit),
    delegations: new Delegations(database, audit, keys),
    comparisons: new Comparisons(database, runs),
    inbox: new Inbox(database),
    doings: new Doings(database),
    overview: new Overview(database),
    agenda: new Agenda(database),
    savedViews: new SavedViews(database),
    calendarFeeds: new CalendarFeeds(database),
    refusals: new Refusals(database),
    removal: new Removal(database, audit),
    deliveries: new Deliveries(database, keys),
    events: new Events(database),
    firstLooks: new FirstLooks(database),
    declaredActions: new DeclaredActions(database),
    orders: new Orders(database),
    register: new Register(database),
    notices: new Notices(database),
    lag: new Lag(database),
    outbox: new Outbox(database),
    gatewayAddress: new GatewayAddress(database),
    sessions: new Sessions(database),
    signInCodes: new SignInCodes(database),
    gatewayKeys: new PublicKeys(database, 'gateways', keys),
    warrantKeys: new PublicKeys(database, 'warrants', keys),
    warrants: new Warrants(database, audit),
    starts: new RunStarts(database),
    ping: () => database.ping(),
    close: () => database.close(),
  };
}
