/**
 * Which page an address means, and what is fetched for it. Read before anything is shown, so without React: the first script is small, and
 * what the page needs is on its way while the rest comes.
 */
import type { ComponentType } from 'react';
import { warm } from './api/client.ts';
import { matched } from './matched.ts';

export type Values = Record<string, string>;
export type PageProps = Record<string, string>;

export interface Route {
  pattern: string;
  /** Fetches the page's script. */
  load: () => Promise<ComponentType<PageProps>>;
  /** With `key` where another address is another page. */
  propsOf: (values: Values) => PageProps;
  /** What the page asks of the gateway as soon as it is shown. */
  asks: (values: Values) => string[];
}

function route<Props extends object>(
  pattern: string,
  load: () => Promise<ComponentType<Props>>,
  propsOf: (values: Values) => Props & { key?: string },
  asks: Route['asks'] = () => [],
): Route {
  return {
    pattern,
    load: load as unknown as Route['load'],
    propsOf: propsOf as unknown as Route['propsOf'],
    asks,
  };
}

const none = () => ({});
const part = (text: string | undefined) => encodeURIComponent(text ?? '');
const ofRun = ({ id }: Values) => `/runs/${part(id)}`;
const journalToo = (values: Values) => [ofRun(values), `${ofRun(values)}/journal?after=0`];
const runPage = async () => (await import('./pages/run.tsx')).RunPage;

export const routes: Route[] = [
  route('/', async () => (await import('./pages/inbox.tsx')).InboxPage, none),
  route(
    '/overview',
    async () => (await import('./pages/overview.tsx')).OverviewPage,
    none,
    () => ['/overview'],
  ),
  route(
    '/runs',
    async () => (await import('./pages/runs.tsx')).RunsPage,
    none,
    () => ['/runbooks', '/views'],
  ),
  route('/runs/:id', runPage, ({ id = '' }) => ({ key: id, id, view: 'steps' as const }), journalToo),
  route(
    '/runs/:id/journal',
    runPage,
    ({ id = '' }) => ({ key: id, id, view: 'journal' as const }),
    journalToo,
  ),
  route(
    '/runs/:id/gates/:step',
    async () => (await import('./pages/gate.tsx')).GatePage,
    ({ id = '', step = '' }) => ({ key: id + step, id, step }),
    (values) => [
      ofRun(values),
      `${ofRun(values)}/steps/${part(values.step)}/gate`,
      `${ofRun(values)}/steps/${part(values.step)}/questions`,
    ],
  ),
  route(
    '/runs/:id/tasks/:step',
    async () => (await import('./pages/task.tsx')).TaskPage,
    ({ id = '', step = '' }) => ({ key: id + step, id, step }),
    (values) => [ofRun(values)],
  ),
  route('/calendar', async () => (await import('./pages/calendar.tsx')).CalendarPage, none),
  route('/deliveries', async () => (await import('./pages/deliveries.tsx')).DeliveriesPage, none),
  route(
    '/deliveries/:id',
    async () => (await import('./pages/deliveries.tsx')).DeliveryPage,
    ({ id = '' }) => ({ key: id, id }),
    ({ id }) => [`/deliveries/${part(id)}`],
  ),
  route(
    '/stand-ins',
    async () => (await import('./pages/stand-ins.tsx')).StandInsPage,
    none,
    () => ['/delegations'],
  ),
  route(
    '/people/:person',
    async () => (await import('./pages/person.tsx')).PersonPage,
    ({ person = '' }) => ({ key: person, person }),
  ),
  route(
    '/refusals',
    async () => (await import('./pages/refusals.tsx')).RefusalsPage,
    none,
    () => ['/refusals'],
  ),
  route(
    '/runbooks',
    async () => (await import('./pages/runbooks.tsx')).RunbooksPage,
    none,
    () => ['/runbooks'],
  ),
  route(
    '/runbooks/:name',
    async () => (await import('./pages/runbook.tsx')).RunbookPage,
    ({ name = '' }) => ({ key: name, name }),
    ({ name }) => [`/runbooks/${part(name)}`, `/runbooks/${part(name)}/procedure`],
  ),
  route(
    '/runbooks/:name/start',
    async () => (await import('./pages/start.tsx')).StartPage,
    ({ name = '' }) => ({ key: name, name }),
    ({ name }) => [`/runbooks/${part(name)}`],
  ),
  ...(['assets', 'contracts', 'vendors', 'orders'] as const).flatMap((kind) => [
    route(
      `/register/${kind}`,
      async () => (await import('./pages/register.tsx')).RegisterPage,
      () => ({ key: kind, kind }),
    ),
    route(
      `/register/${kind}/:name`,
      async () => (await import('./pages/registered.tsx')).RegisteredPage,
      ({ name = '' }) => ({ key: kind + name, kind, name }),
      ({ name }) => [`/${kind}/${part(name)}`],
    ),
  ]),
];

export function routeAt(path: string): { route: Route; values: Values } | undefined {
  for (const each of routes) {
    const values = matched(each.pattern, path);
    if (values) return { route: each, values };
  }
  return undefined;
}

/** Who is signed in is asked at the same time: on a slow line each wait for an answer is a wait of the person. */
export function begin(path: string): void {
  warm('/me');
  const found = routeAt(path);
  if (!found) return;
  found.route.load().catch(() => {});
  for (const ask of found.route.asks(found.values)) warm(ask);
}
