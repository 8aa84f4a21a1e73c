/** Access tokens by the client credentials grant (Microsoft identity platform and the OAuth 2.0 client credentials flow). */
import * as oauth from 'openid-client';
import { boundedBytes } from '../answers.ts';
import { PermanentFailure, RetryableFailure } from '../failures.ts';
import { failureOfStatus, isLoopback, secureBaseUrl } from '../http.ts';
import { reachingOut } from '../reach.ts';
import { type Trust, trustOf } from '../trust.ts';
import type { GraphSettings } from './settings.ts';

const service = 'Microsoft sign-in';
const timeoutMs = 15_000;
/** A token is replaced this long before it expires, so that none expires on the way. */
const marginMs = 5 * 60_000;

interface Token {
  value: string;
  /** Milliseconds of the monotonic clock. */
  goodUntil: number;
}

export class TokenSource {
  private readonly connector: string;
  private readonly config: oauth.Configuration;
  private readonly endpoint: URL;
  private readonly scope: string;
  private readonly trust: Trust;
  private current: Token | undefined;
  private pending: Promise<Token> | undefined;

  /** `connector` is the key of the settings in the configuration, for messages; `scope` such as https://graph.microsoft.com/.default. */
  constructor(connector: string, settings: GraphSettings, scope: string) {
    this.connector = connector;
    const authority = secureBaseUrl(
      `connectors.${connector}.authority`,
      settings.authority ?? 'https://login.microsoftonline.com',
    );
    const tenant = `${authority}/${encodeURIComponent(settings.tenant)}`;
    this.endpoint = new URL(`${tenant}/oauth2/v2.0/token`);
    this.scope = scope;
    this.config = new oauth.Configuration(
      { issuer: `${tenant}/v2.0`, token_endpoint: this.endpoint.href },
      settings.clientId,
      settings.clientSecret,
    );
    this.trust = trustOf(connector, settings.ca);
    this.config[oauth.customFetch] = (url, init) => boundedly(this.trust, url, init);
    this.config.timeout = timeoutMs / 1000;
    if (isLoopback(this.endpoint)) oauth.allowInsecureRequests(this.config);
  }

  /** A token that is good for a while; calls at the same time share one request. */
  async token(): Promise<string> {
    if (this.current && performance.now() < this.current.goodUntil) return this.current.value;
    this.pending ??= this.request().finally(() => {
      this.pending = undefined;
    });
    this.current = await this.pending;
    return this.current.value;
  }

  /** The service did not accept this token: the next call gets another. */
  forget(token: string): void {
    if (this.current?.value === token) this.current = undefined;
  }

  private async request(): Promise<Token> {
    // Shared by several actions, so that the cancellation of one does not end it; the time limit is its own.
    const never = new AbortController().signal;
    const setting = `connectors.${this.connector}.authority in countersign.yaml`;
    const target = { service, url: this.endpoint, setting, trust: this.trust.setting };
    const answer = await reachingOut(target, never, timeoutMs + 1_000, async () => {
      try {
        return await oauth.clientCredentialsGrant(this.config, { scope: this.scope });
      } catch (error) {
        throw refusalOf(error, this.connector) ?? error;
      }
    });
    const lifetimeMs = (answer.expires_in ?? 300) * 1000;
    const margin = Math.min(marginMs, lifetimeMs / 2);
    return { value: answer.access_token, goodUntil: performance.now() + lifetimeMs - margin };
  }
}

const largestToken = 1024 * 1024;

/** The library reads an answer to its end, whatever its size: it gets one that has been read already. */
async function boundedly(trust: Trust, url: string, init: oauth.CustomFetchOptions): Promise<Response> {
  const { status, headers, body } = await trust.fetch(url, init as RequestInit);
  const bytes = await boundedBytes(service, { body }, largestToken);
  return new Response([204, 205, 304].includes(status) ? null : bytes, { status, headers: [...headers] });
}

function refusalOf(error: unknown, connector: string): Error | undefined {
  if (error instanceof oauth.ResponseBodyError) {
    const words = [error.error, error.error_description].filter(Boolean).join(', ');
    if (error.status === 429 || error.status >= 500)
      return failureOfStatus({ service, status: error.status, headers: error.response.headers, words });
    return new PermanentFailure(
      `${service} refused the credentials of connectors.${connector} in countersign.yaml (${error.status}): ${words}`,
      { status: error.status },
    );
  }
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Response) {
    if (cause.ok) return new RetryableFailure(`${service} sent an answer that cannot be read.`);
    return failureOfStatus({ service, status: cause.status, headers: cause.headers });
  }
  return undefined;
}
