/**
 * What a page needs, by the form of its address: its script, and what it asks of the gateway as soon as it is shown. The first script has
 * it fetched, and the build writes it down for the gateway, which says it with the page: so that nothing waits for what comes before it.
 */
interface Wanted {
  /** The page's module. */
  page: string;
  /** Paths of the API. */
  asks: readonly string[];
}

const wants = <Pattern extends string>(all: Record<Pattern, Wanted>) => all;

const run = (asks: string[] = []): Wanted => ({ page: 'run', asks: ['/runs/:id', ...asks] });
const registered = (kind: string): Wanted => ({ page: 'registered', asks: [`/${kind}/:name`] });
const register = (kind: string): Wanted => ({ page: 'register', asks: [`/${kind}?limit=100`] });

export const wantedAt = wants({
  '/': { page: 'inbox', asks: ['/inbox'] },
  '/overview': { page: 'overview', asks: ['/overview'] },
  '/runs': { page: 'runs', asks: ['/runbooks', '/views', '/runs?limit=25'] },
  '/runs/:id': run(['/runs/:id/journal?after=0']),
  '/runs/:id/journal': run(['/runs/:id/journal?after=0']),
  '/runs/:id/gates/:step': {
    page: 'gate',
    asks: ['/runs/:id', '/runs/:id/steps/:step/gate', '/runs/:id/steps/:step/questions'],
  },
  '/runs/:id/tasks/:step': { page: 'task', asks: ['/runs/:id'] },
  '/agenda': { page: 'agenda', asks: [] },
  '/calendar': { page: 'calendar', asks: [] },
  '/deliveries': { page: 'deliveries', asks: ['/deliveries?limit=100'] },
  '/deliveries/:id': { page: 'deliveries', asks: ['/deliveries/:id'] },
  '/stand-ins': { page: 'stand-ins', asks: ['/delegations'] },
  '/people/:person': { page: 'person', asks: [] },
  '/refusals': { page: 'refusals', asks: ['/refusals'] },
  '/runbooks': { page: 'runbooks', asks: ['/runbooks'] },
  '/runbooks/:name': { page: 'runbook', asks: ['/runbooks/:name', '/runbooks/:name/procedure'] },
  '/runbooks/:name/start': { page: 'start', asks: ['/runbooks/:name'] },
  '/register/assets': register('assets'),
  '/register/assets/:name': registered('assets'),
  '/register/contracts': register('contracts'),
  '/register/contracts/:name': registered('contracts'),
  '/register/vendors': register('vendors'),
  '/register/vendors/:name': registered('vendors'),
  '/register/orders': register('orders'),
  '/register/orders/:name': registered('orders'),
});

export type Pattern = keyof typeof wantedAt;
