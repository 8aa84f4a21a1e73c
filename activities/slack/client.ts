/** Slack's Web API. It answers 200 also when it refuses, with `ok: false` and a word that says why. */

import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { AttemptClient } from '../kit/attempt-client.ts';
import { PermanentFailure, RateLimited, RetryableFailure } from '../kit/failures.ts';
import { type HttpAnswer, HttpClient, retryAfterMs, secureBaseUrl } from '../kit/http.ts';
import { caSetting, trustOf } from '../kit/trust.ts';

export const SlackSettings = Type.Object(
  {
    botToken: Type.String({
      minLength: 1,
      description:
        'Bot token of the Slack app, which begins with xoxb-. The app needs the scopes chat:write, channels:read and channels:history, and groups:read and groups:history for private channels.',
    }),
    baseUrl: Type.Optional(
      Type.String({
        default: 'https://slack.com/api',
        description: 'Address of the Web API, unless it is https://slack.com/api.',
      }),
    ),
    ...caSetting,
  },
  { additionalProperties: false },
);

/** What every answer has. */
interface Envelope {
  ok: boolean;
  error?: string;
  /** The scope that is missing. */
  needed?: string;
}

export class SlackClient extends AttemptClient {
  private readonly http: HttpClient;
  /** Slack gives its list of channels some twenty times a minute only, so that what is known of it is kept for a while. */
  readonly channelIds = new Map<string, { id: string; until: number }>();

  constructor({ botToken, baseUrl = 'https://slack.com/api', ca }: Static<typeof SlackSettings>) {
    super();
    this.http = new HttpClient({
      service: 'Slack',
      setting: 'connectors.slack.baseUrl',
      trust: trustOf('slack', ca),
      isOwn: (body) => typeof body.ok === 'boolean',
      baseUrl: secureBaseUrl('connectors.slack.baseUrl', baseUrl),
      headers: () => ({ authorization: `Bearer ${botToken}` }),
      wordsOf: (body) => (body as Envelope | undefined)?.error,
      requestIdHeader: requestId,
    });
  }

  /** A method that reads. */
  async get<T>(method: string, query: Record<string, string | number | boolean>): Promise<T> {
    return accepted<T>(await this.http.for(this.signal).send({ method: 'GET', path: `/${method}`, query }));
  }

  async post<T>(method: string, form: Record<string, string>): Promise<T> {
    return accepted<T>(await this.http.for(this.signal).send({ method: 'POST', path: `/${method}`, form }));
  }
}

const requestId = 'x-slack-req-id';

function accepted<T>(answer: HttpAnswer): T {
  const body = (answer.body ?? {}) as Envelope;
  if (body.ok) return body as T;
  throw failureOf(body, answer);
}

/** Words that say that Slack itself is in trouble, or asks for patience. */
const passing = new Set(['internal_error', 'fatal_error', 'request_timeout', 'service_unavailable']);

const advice: Record<string, string> = {
  channel_not_found:
    'Slack knows no such channel, or hides it, as it does with private channels that the app is not in. Check `channel`, or invite the app to it.',
  not_in_channel: 'The Slack app is not in that channel. Invite it there: /invite and its name.',
  is_archived: 'That channel is archived. Name another one.',
  restricted_action: 'The workspace does not let the Slack app post there.',
  users_not_found:
    'Slack knows nobody with that e-mail address. Check the address, or name a channel for the role.',
  msg_too_long: 'The text is too long for one message in Slack.',
  ...Object.fromEntries(
    ['not_authed', 'invalid_auth', 'account_inactive', 'token_revoked', 'token_expired'].map((word) => [
      word,
      'Slack refused the credentials. Check botToken under connectors: slack: in countersign.yaml.',
    ]),
  ),
};

function failureOf({ error = 'no reason given', needed }: Envelope, { status, headers }: HttpAnswer): Error {
  const id = headers.get(requestId);
  const details = { status, ...defined({ requestId: id || undefined }) };
  if (error === 'ratelimited' || error === 'rate_limited')
    return new RateLimited(
      `Slack asked to be called less often (${error}).`,
      details,
      retryAfterMs(headers.get('retry-after')),
    );
  if (passing.has(error)) return new RetryableFailure(`Slack could not do it just now (${error}).`, details);
  if (error === 'missing_scope')
    return new PermanentFailure(
      `The Slack app lacks the scope ${needed ?? 'that this needs'} (${error}). Add it to the app and install the app again.`,
      details,
    );
  const known = Object.hasOwn(advice, error) ? advice[error] : undefined;
  return new PermanentFailure(known ? `${known} (${error})` : `Slack refused it: ${error}.`, details);
}
