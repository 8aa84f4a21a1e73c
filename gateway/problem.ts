/** How the API says no: RFC 9457 problem details, in words for the person who asked. */

export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  /** Seconds after which trying again makes sense. */
  readonly retryAfter: number | undefined;
  readonly type: string;
  constructor(
    status: number,
    title: string,
    detail: string,
    more: { retryAfter?: number; type?: string } = {},
  ) {
    super(detail);
    this.status = status;
    this.title = title;
    this.retryAfter = more.retryAfter;
    this.type = more.type ?? 'about:blank';
  }
}

export function notFound(detail: string): Problem {
  return new Problem(404, 'Not found', detail);
}

export function away(service: string): Problem {
  return new Problem(
    503,
    `${service} is away`,
    `${service} cannot be reached now. Try again; nothing was lost or done.`,
    {
      retryAfter: 5,
    },
  );
}
