/** The pages, each shown once its script is there. */
import { createElement, lazy, type ReactNode } from 'react';
import { routeAt, routes } from './addresses.ts';

const pages = new Map(
  routes.map(({ pattern, load }) => [pattern, lazy(async () => ({ default: await load() }))]),
);

/** The page that an address means; undefined where there is none. */
export function pageAt(path: string): ReactNode | undefined {
  const found = routeAt(path);
  const Page = found && pages.get(found.route.pattern);
  if (!Page) return undefined;
  const { route, values } = found;
  const { key, ...props } = route.propsOf(values);
  return createElement(Page, { ...props, ...(key === undefined ? {} : { key }) });
}
