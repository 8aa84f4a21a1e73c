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
    `${service} cannot be reached now. Try again: nothing is lost, and what was done already is not done twice.`,
    {
      retryAfter: 5,
    },
  );
}

/** Temporal is there, and nobody who carries runs out. */
export function noWorker(): Problem {
  return new Problem(
    503,
    'No worker',
    'No worker is running, or it has just been started, so the run cannot answer now. Try again: nothing is lost.',
    { retryAfter: 5 },
  );
}

/** It was asked and did not answer: what became of it is not known here. `unsure` says what to do about that. */
export function noAnswer(unsure: string): Problem {
  return new Problem(503, 'No answer', `There was no answer in time. ${unsure}`, {
    retryAfter: 5,
    type: noAnswerType,
  });
}

const noAnswerType = 'urn:countersign:NoAnswer';

export function isNoAnswer(error: unknown): error is Problem {
  return error instanceof Problem && error.type === noAnswerType;
}

export function full(detail: string): Problem {
  return new Problem(503, 'The database is full', `${detail} Then try again: nothing is lost.`, {
    retryAfter: 60,
  });
}
