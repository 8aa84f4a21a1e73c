/** What an answer means: by the rules of the action, then of the connector, then by its status. */
import type { AnswerMeaning, AnswerRule, DeclaredService, ScriptEnd } from '../../plan/declared.ts';
import { defined } from '../../plan/defined.ts';
import { PermanentFailure, RateLimited, RetryableFailure } from '../kit/failures.ts';
import { failureOfStatus, retryAfterMs } from '../kit/http.ts';
import type { Answer, ScriptEnded } from './answer.ts';
import { type Computing, scalarText } from './computing.ts';

export interface Meaning {
  means: AnswerMeaning;
  /** The failure that it is, where it is one. */
  failure: Error | undefined;
  /** Whether the connector or the action says so. */
  byRule: boolean;
}

export function meaningOf(
  answer: Answer,
  rules: readonly AnswerRule[],
  service: DeclaredService,
  computing: Computing,
): Meaning {
  const isFine = answer.status >= 200 && answer.status < 300;
  if (isFine && rules.length === 0) return { means: 'success', failure: undefined, byRule: false };
  const answered = computing.withAnswer(answer);
  const rule = rules.find(
    (each) =>
      (each.status === undefined || each.status.includes(answer.status)) &&
      endsSo(answer, each) &&
      (each.when === undefined || fits(each.when, answered)),
  );
  if (!rule) {
    if (isFine) return { means: 'success', failure: undefined, byRule: false };
    if (answer.ended) return { means: 'permanent', failure: ofScript(answer.ended, service), byRule: false };
    return byStatus(answer, service, wordsOf(service, answered));
  }
  return { means: rule.means, failure: failureOf(rule, answer, service, answered), byRule: true };
}

/** Whether a script ended as a rule says; a rule that does not say fits every end. */
export function endsSo({ ended }: Answer, { exit, error }: ScriptEnd): boolean {
  if (exit !== undefined && !(ended && exit.includes(ended.exit))) return false;
  return error === undefined || (ended?.error !== undefined && error.includes(ended.error));
}

/** A rule about a form that an answer does not have does not fit it. */
function fits(when: string, answered: Computing): boolean {
  try {
    return answered.holds(when);
  } catch {
    return false;
  }
}

/** Whether it may be tried again is for its author to say: another run may do a half of it twice. */
function ofScript({ message }: ScriptEnded, { title }: DeclaredService): PermanentFailure {
  return new PermanentFailure(`${title} could not do it: ${message ?? 'it did not say why.'}`);
}

function byStatus(answer: Answer, service: DeclaredService, words: string | undefined): Meaning {
  const failure = failureOfStatus({
    service: service.title,
    status: answer.status,
    headers: {
      get: (name) =>
        answer.headers[name] ?? (name === 'retry-after' ? (answer.headers['ratelimit-reset'] ?? null) : null),
    },
    ...defined({ words, requestId: requestIdOf(answer, service) }),
  });
  const means =
    answer.status === 404 || answer.status === 410
      ? 'absent'
      : failure instanceof RateLimited
        ? 'limit'
        : failure instanceof RetryableFailure
          ? 'retry'
          : 'permanent';
  return { means, failure, byRule: false };
}

function failureOf(
  rule: AnswerRule,
  answer: Answer,
  service: DeclaredService,
  answered: Computing,
): Error | undefined {
  // A script has no status that anybody knows.
  const number = answer.ended ? '' : ` (${answer.status})`;
  const details = answer.ended
    ? {}
    : { status: answer.status, ...defined({ requestId: requestIdOf(answer, service) }) };
  const own =
    rule.says === undefined
      ? (answer.ended?.message ?? wordsOf(service, answered))
      : answered.text(rule.says);
  const said = own ? `: ${own.trim().slice(0, 1_000)}` : '.';
  const advice = rule.advice === undefined ? '' : ` ${rule.advice}`;
  const wait = retryAfterMs(answer.headers['retry-after'] ?? answer.headers['ratelimit-reset'] ?? null);
  switch (rule.means) {
    case 'limit':
      return new RateLimited(
        `${service.title} asked to be called less often${number}${said}${advice}`,
        details,
        wait,
      );
    case 'retry':
    case 'conflict':
    case 'already':
      return new RetryableFailure(
        `${service.title} could not do it just now${number}${said}${advice}`,
        details,
        wait,
      );
    case 'permanent':
    case 'absent':
      return new PermanentFailure(
        rule.says === undefined ? `${service.title} refused it${number}${said}${advice}` : `${own}${advice}`,
        details,
      );
    case 'success':
      return undefined;
  }
}

function wordsOf(service: DeclaredService, answered: Computing): string | undefined {
  if (service.words === undefined) return undefined;
  try {
    return scalarText(answered.value(service.words)) || undefined;
  } catch {
    return undefined;
  }
}

function requestIdOf({ headers }: Answer, { http }: DeclaredService): string | undefined {
  return headers[(http?.requestId ?? 'x-request-id').toLowerCase()] || undefined;
}
