/**
 * Which page an address means, and what is fetched for it. Read before anything is shown, so without React: the first script is small, and
 * what the page needs is on its way while the rest comes.
 */
import type { ComponentType } from 'react';
import { filledIn, matched } from '../presentation/page-address.ts';
import { warm } from './api/client.ts';
import { type Pattern, wantedAt } from './wanted.ts';

export type Values = Record<string, string>;
export type PageProps = Record<string, string>;

export interface Route {
  pattern: Pattern;
  /** Fetches the page's script. */
  load: () => Promise<ComponentType<PageProps>>;
  /** With `key` where another address is another page. */
  propsOf: (values: Values) => PageProps;
}

function route<Props extends object>(
  pattern: Pattern,
  load: () => Promise<ComponentType<Props>>,
  propsOf: (values: Values) => Props & { key?: string },
): Route {
  return {
    pattern,
    load: load as unknown as Route['load'],
    propsOf: propsOf as unknown as Route['propsOf'],
  };
}

const none = () => ({});
const runPage = async () => (await import('./pages/run.tsx')).RunPage;

export const routes: Route[] = [
  route('/', async () => (await import('./pages/inbox.tsx')).InboxPage, none),
  route('/overview', async () => (await import('./pages/overview.tsx')).OverviewPage, none),
  route('/runs', async () => (await import('./pages/runs.tsx')).RunsPage, none),
  route('/runs/:id', runPage, ({ id = '' }) => ({ key: id, id, view: 'steps' as const })),
  route('/runs/:id/journal', runPage, ({ id = '' }) => ({ key: id, id, view: 'journal' as const })),
  route(
    '/runs/:id/gates/:step',
    async () => (await import('./pages/gate.tsx')).GatePage,
    ({ id = '', step = '' }) => ({ key: id + step, id, step }),
  ),
  route(
    '/runs/:id/tasks/:step',
    async () => (await import('./pages/task.tsx')).TaskPage,
    ({ id = '', step = '' }) => ({ key: id + step, id, step }),
  ),
  route('/agenda', async () => (await import('./pages/agenda.tsx')).AgendaPage, none),
  route('/calendar', async () => (await import('./pages/calendar.tsx')).CalendarPage, none),
  route('/deliveries', async () => (await import('./pages/deliveries.tsx')).DeliveriesPage, none),
  route(
    '/deliveries/:id',
    async () => (await import('./pages/deliveries.tsx')).DeliveryPage,
    ({ id = '' }) => ({ key: id, id }),
  ),
  route('/stand-ins', async () => (await import('./pages/stand-ins.tsx')).StandInsPage, none),
  route(
    '/people/:person',
    async () => (await import('./pages/person.tsx')).PersonPage,
    ({ person = '' }) => ({ key: person, person }),
  ),
  route('/refusals', async () => (await import('./pages/refusals.tsx')).RefusalsPage, none),
  route('/runbooks', async () => (await import('./pages/runbooks.tsx')).RunbooksPage, none),
  route(
    '/runbooks/:name',
    async () => (await import('./pages/runbook.tsx')).RunbookPage,
    ({ name = '' }) => ({ key: name, name }),
  ),
  route(
    '/runbooks/:name/start',
    async () => (await import('./pages/start.tsx')).StartPage,
    ({ name = '' }) => ({ key: name, name }),
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
  for (const ask of wantedAt[found.route.pattern].asks) warm(filledIn(ask, found.values));
}
