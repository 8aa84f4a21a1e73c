/** Sends a request to a supplier and says what the answer means. */

import { boundedBytes } from '../../kit/answers.ts';
import type { AttemptClient } from '../../kit/attempt-client.ts';
import { RetryableFailure } from '../../kit/failures.ts';
import { failureOfStatus } from '../../kit/http.ts';
import { reachingOut } from '../../kit/reach.ts';
import type { Trust } from '../../kit/trust.ts';
import type { Supplier } from '../client.ts';
import type { CxmlParty } from '../settings.ts';
import { readStatus, requestDocument, type Status } from './envelope.ts';
import { NotReadable, xmlText } from './xml.ts';

/** Suppliers pass orders on to systems of their own before they answer. */
const timeoutMs = 60_000;

export interface Outcome {
  /** `refused` only with a status that the caller knows what to do with. */
  result: 'taken' | 'refused';
  status: Status;
}

/**
 * `known` tells the refusals that the caller expects, such as a second copy of an order. Any other is a failure in the supplier's
 * own words: for good below 500, to be tried again from there on.
 */
export async function sendRequest(
  client: AttemptClient & { trust: Trust },
  { supplier, party }: { supplier: Supplier; party: CxmlParty },
  document: { payloadId: string; request: string },
  known: (status: Status) => boolean,
): Promise<Outcome> {
  const { payloadId, request } = document;
  const body = requestDocument(party, payloadId, supplier.deploymentMode ?? 'production', request);
  const url = new URL(party.url);
  const setting = `connectors.procurement.suppliers.${supplier.name}.cxml.url in countersign.yaml`;
  const target = { service: supplier.title, url, setting, trust: client.trust.setting };
  const answer = await reachingOut(target, client.signal, timeoutMs, async (limited) => {
    const response = await client.trust.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'text/xml; charset=UTF-8', accept: 'text/xml' },
      body,
      // Following would send the order twice, and the secret elsewhere.
      redirect: 'manual',
      signal: limited,
    });
    return {
      status: response.status,
      headers: response.headers,
      bytes: await boundedBytes(supplier.title, response),
    };
  });
  const status = statusIn(answer.bytes, answer.headers.get('content-type') ?? '');
  // Some say in HTTP too what they say in cXML, which is the more exact of the two.
  if (!isGood(answer.status) && (!status || isGood(status.code)))
    throw failureOfStatus({ service: supplier.title, status: answer.status, headers: answer.headers });
  if (!status)
    throw new RetryableFailure(
      `${supplier.title} answered with something that is no cXML. Check suppliers.${supplier.name}.cxml.url in countersign.yaml.`,
    );
  if (isGood(status.code)) return { result: 'taken', status };
  if (known(status)) return { result: 'refused', status };
  throw failureOfStatus({
    service: supplier.title,
    status: status.code,
    headers: answer.headers,
    words: statusWords(status),
    requestId: payloadId,
  });
}

/** The supplier's words: the short text and the longer one, where they say different things. */
export function statusWords({ text, words }: Status): string {
  return words && text && !words.includes(text) ? `${text}: ${words}` : words || text;
}

function isGood(status: number): boolean {
  return status >= 200 && status < 300;
}

function statusIn(bytes: Uint8Array, contentType: string): Status | undefined {
  try {
    return readStatus(xmlText(bytes, contentType));
  } catch (error) {
    if (error instanceof NotReadable) return undefined;
    throw error;
  }
}
