/** Which page an address means: its script is fetched when it is first shown, and what it first asks the gateway for beside it. */
import { type ComponentType, type JSX, lazy, type ReactNode } from 'react';
import { warm } from './api/client.ts';
import { matched } from './router.tsx';

type Values = Record<string, string>;

interface Route {
  pattern: string;
  /** Fetches the page's script. */
  load: () => Promise<unknown>;
  show: (values: Values) => ReactNode;
  /** What the page asks of the gateway as soon as it is shown. */
  asks: (values: Values) => string[];
}

function route<Props extends object>(
  pattern: string,
  load: () => Promise<ComponentType<Props>>,
  propsOf: (values: Values) => Props & { key?: string },
  asks: Route['asks'] = () => [],
): Route {
  const Page = lazy(async () => ({ default: await load() }));
  const show = (values: Values) => {
    const { key, ...props } = propsOf(values);
    return <Page key={key} {...(props as unknown as Props & JSX.IntrinsicAttributes)} />;
  };
  return { pattern, load, show, asks };
}

const none = () => ({});
const part = (text: string | undefined) => encodeURIComponent(text ?? '');
const ofRun = ({ id }: Values) => `/runs/${part(id)}`;
const journalToo = (values: Values) => [ofRun(values), `${ofRun(values)}/journal?after=0`];
const runPage = async () => (await import('./pages/run.tsx')).RunPage;

const routes: Route[] = [
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
    (values) => [ofRun(values), `${ofRun(values)}/steps/${part(values.step)}/gate`],
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
];

/** The page that an address means; undefined where there is none. */
export function pageAt(path: string): { show: () => ReactNode; begin: () => void } | undefined {
  for (const { pattern, load, show, asks } of routes) {
    const values = matched(pattern, path);
    if (!values) continue;
    return {
      show: () => show(values),
      begin: () => {
        // Who is signed in is asked at the same time: on a slow line each wait for an answer is a wait of the person.
        void load().catch(() => {});
        for (const ask of asks(values)) warm(ask);
      },
    };
  }
  return undefined;
}
