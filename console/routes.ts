/** The pages, each shown once its script is there. */
import { createElement, lazy, type ReactNode } from 'react';
import { routeAt, routes } from './addresses.ts';

const pages = new Map(
  routes.map(({ pattern, load }) => [pattern, lazy(async () => ({ default: await load() }))]),
);

/** The page that an address means; undefined where there is none. */
export function pageAt(path: string): ReactNode | undefined {
  const { route, values } = routeAt(path) ?? {};
  const Page = pages.get(route?.pattern ?? '');
  if (!route || !values || !Page) return undefined;
  const { key, ...props } = route.propsOf(values);
  return createElement(Page, { ...props, ...(key === undefined ? {} : { key }) });
}
