/** From one page of a list to the next, to the very end: a list cut short would be a wrong one. */
import type { DeclaredList } from '../../plan/declared.ts';
import { PermanentFailure, RetryableFailure } from '../kit/failures.ts';
import type { Answer } from './answer.ts';
import type { Computing } from './computing.ts';
import type { Rendered } from './render.ts';
import type { Sender } from './sender.ts';

/** What came of one request of a list. */
export interface PageSeen {
  request: Rendered;
  answer: Answer;
  answered: Computing;
  /** Items of this page. */
  count: number;
  /** Items of all pages so far. */
  soFar: number;
  /** An earlier page had fewer items than were asked for. */
  afterShort: boolean;
}

type Pages = NonNullable<DeclaredList['pages']>;
type Counted = Extract<Pages, { by: 'number' | 'offset' }>;

export function firstPage(request: Rendered, { pages }: DeclaredList): Rendered {
  if (!pages) return request;
  const sized = pages.size ? withParameter(request, pages.size.parameter, String(pages.size.of)) : request;
  if (pages.by !== 'number' && pages.by !== 'offset') return sized;
  return withParameter(sized, pages.parameter, String(pages.first));
}

/** Undefined at the end. */
export function nextPage({ pages }: DeclaredList, seen: PageSeen, sender: Sender): Rendered | undefined {
  if (!pages) return undefined;
  const { request, answer, answered } = seen;
  switch (pages.by) {
    case 'link':
    case 'next': {
      const next = pages.by === 'link' ? linkOf(answer.headers.link) : answered.value(pages.next);
      return typeof next === 'string' && next !== '' ? pageAt(next, request, sender) : undefined;
    }
    case 'cursor': {
      const cursor = answered.value(pages.cursor);
      if (cursor === undefined || cursor === null || cursor === '') return undefined;
      return withParameter(request, pages.as, String(cursor));
    }
    case 'number':
    case 'offset':
      return isEnd(pages, seen, sender.service.title) ? undefined : countedOn(pages, seen);
  }
}

export function isShort({ pages }: DeclaredList, count: number): boolean {
  return pages?.size !== undefined && count < pages.size.of;
}

/** Where the service says how many there are, or which page is the last, that counts; else an empty page is the end. */
function isEnd(
  pages: Counted,
  { request, answered, count, soFar, afterShort }: PageSeen,
  title: string,
): boolean {
  const asked = `what is asked for (${request.method} ${request.path})`;
  if (pages.last !== undefined) {
    if (answered.holds(pages.last)) return true;
    if (count > 0) return false;
    throw new RetryableFailure(
      `${title} says that there is more of ${asked}, and gives nothing. A list cut short would be a wrong one.`,
    );
  }
  const all = pages.total === undefined ? undefined : answered.value(pages.total);
  if (typeof all === 'number') {
    if (soFar >= all) return true;
    if (count > 0) return false;
    throw new RetryableFailure(
      `${title} says that there are ${all} of ${asked} and gives ${soFar}. A list cut short would be a wrong one.`,
    );
  }
  if (count === 0) return true;
  // Whether the service gives fewer than it is asked for, or hides some of a page, nobody can tell; and where the next begins depends on it.
  if (afterShort && pages.by === 'offset')
    throw new PermanentFailure(
      `${title} gave fewer of ${asked} than ${pages.size?.parameter ?? 'it'} says, and then more. Say in the connector how the list ends, with \`total\` or \`last\` under \`pages\`, or ask for fewer at a time.`,
    );
  return false;
}

function countedOn({ by, parameter, first }: Counted, { request, count }: PageSeen): Rendered {
  const now = Number(request.query.find(([name]) => name === parameter)?.[1] ?? first);
  return withParameter(request, parameter, String(now + (by === 'number' ? 1 : count)));
}

function pageAt(next: string, from: Rendered, sender: Sender): Rendered {
  const page = sender.nextPage(next, from);
  if (!page)
    throw new PermanentFailure(
      `${sender.service.title} names a next page at another address (${next.slice(0, 120)}), which is not followed.`,
    );
  return page;
}

function withParameter(request: Rendered, name: string, value: string): Rendered {
  return { ...request, query: [...request.query.filter(([each]) => each !== name), [name, value]] };
}

/** The `next` of a Link header (RFC 8288, Web Linking). */
function linkOf(header: string | undefined): string | undefined {
  return header
    ?.split(/,(?=\s*<)/)
    .map((link) => /^\s*<([^>]*)>\s*;.*\brel="?next"?/i.exec(link)?.[1])
    .find((url) => url !== undefined);
}
