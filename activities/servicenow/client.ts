/**
 * ServiceNow's REST APIs: Table API, Attachment API, Change Management API. No official contract could be had: built from
 * their public documentation.
 */
import { type Static, Type } from 'typebox';
import { HttpClient, secureBaseUrl } from '../kit/http.ts';
import { caSetting, trustOf } from '../kit/trust.ts';

export const ServiceNowSettings = Type.Object(
  {
    baseUrl: Type.String({
      minLength: 1,
      description: 'Address of the instance, such as https://example.service-now.com.',
    }),
    user: Type.String({ minLength: 1, description: 'User name of the account that Countersign uses.' }),
    password: Type.String({ minLength: 1, description: 'Password of that account.' }),
    ...caSetting,
  },
  { additionalProperties: false },
);

export function connectServiceNow(settings: Static<typeof ServiceNowSettings>): HttpClient {
  const credentials = Buffer.from(`${settings.user}:${settings.password}`).toString('base64');
  return new HttpClient({
    service: 'ServiceNow',
    setting: 'connectors.servicenow.baseUrl',
    trust: trustOf('servicenow', settings.ca),
    isOwn: (body) => 'result' in body,
    baseUrl: secureBaseUrl('connectors.servicenow.baseUrl', settings.baseUrl),
    headers: () => ({ authorization: `Basic ${credentials}` }),
    wordsOf: serviceNowWords,
    requestIdHeader: 'x-transaction-id',
  });
}

function serviceNowWords(body: unknown): string | undefined {
  const { error } = (body ?? {}) as { error?: { message?: string; detail?: string } | string };
  if (typeof error === 'string') return error;
  const words = [error?.message, error?.detail].filter(Boolean);
  return words.length > 0 ? words.join('. ') : undefined;
}
