/** What every cXML document has around what it says (cXML 1.2 Reference Guide: cXML Basics). */
import type { CxmlParty } from '../settings.ts';
import { all, type Element, element, escaped, find, NotReadable, parseXml } from './xml.ts';

const systemId = 'http://xml.cxml.org/schemas/cXML/1.2.014/cXML.dtd';
const userAgent = 'Countersign';

export interface Credential {
  domain: string;
  identity: string;
}

/**
 * `request` is the element inside `Request`. The payload id must be the same at every attempt: receivers know a repeated document
 * by it. The time of the first attempt is known to nobody, so the timestamp is this attempt's.
 */
export function requestDocument(
  party: CxmlParty,
  payloadId: string,
  deploymentMode: 'production' | 'test',
  request: string,
): string {
  const header = element(
    'Header',
    {},
    element('From', {}, credentialOf(party.from)),
    element('To', {}, credentialOf(party.to)),
    element(
      'Sender',
      {},
      credentialOf(party.sender, party.sharedSecret),
      element('UserAgent', {}, escaped(userAgent)),
    ),
  );
  return documentOf(payloadId, header + element('Request', { deploymentMode }, request));
}

/** `code` and `text` as in the Reference Guide: Response, Status; `words` say more. */
export function responseDocument(payloadId: string, status: Status): string {
  const { code, text, words } = status;
  return documentOf(
    payloadId,
    element('Response', {}, element('Status', { code, text, 'xml:lang': 'en' }, escaped(words))),
  );
}

export interface Status {
  code: number;
  text: string;
  words: string;
}

/** The status with which a request was answered. Throws {@link NotReadable} when it was not answered in cXML. */
export function readStatus(text: string): Status {
  const status = find(rootOf(text), 'Response', 'Status');
  const code = Number(status?.attributes.code);
  if (!status || !Number.isInteger(code)) throw new NotReadable('The answer has no Response with a Status.');
  return { code, text: status.attributes.text ?? '', words: status.text };
}

/** A request that was sent to us. */
export interface Incoming {
  payloadId: string;
  /** Whom it is from, under each of the names that they go by. */
  from: Credential[];
  /** By any of which its sender wants to be believed. */
  sharedSecrets: string[];
  /** The element inside `Request`. */
  request: Element;
}

/** Throws {@link NotReadable}. */
export function readRequest(text: string): Incoming {
  const root = rootOf(text);
  const from = all(find(root, 'Header', 'From'), 'Credential');
  const secrets = all(find(root, 'Header', 'Sender'), 'Credential').flatMap(
    (credential) => find(credential, 'SharedSecret') ?? [],
  );
  const request = find(root, 'Request')?.children[0];
  const { payloadID: payloadId } = root.attributes;
  if (!payloadId) throw new NotReadable('The cXML element has no payloadID.');
  if (from.length === 0 || secrets.length === 0)
    throw new NotReadable('The Header lacks a credential: From, or Sender with its SharedSecret.');
  if (!request) throw new NotReadable('The document has no Request.');
  return {
    payloadId,
    from: from.map((credential) => ({
      domain: credential.attributes.domain ?? '',
      identity: find(credential, 'Identity')?.text ?? '',
    })),
    sharedSecrets: secrets.map(({ text }) => text),
    request,
  };
}

function rootOf(text: string): Element {
  const root = parseXml(text);
  if (root.name === 'cXML') return root;
  throw new NotReadable(`The document is no cXML: its outermost element is ${root.name}.`);
}

function credentialOf({ domain, identity }: Credential, sharedSecret?: string): string {
  return element(
    'Credential',
    { domain },
    element('Identity', {}, escaped(identity)),
    sharedSecret !== undefined && element('SharedSecret', {}, escaped(sharedSecret)),
  );
}

function documentOf(payloadId: string, content: string): string {
  const root = {
    payloadID: payloadId,
    timestamp: new Date().toISOString(),
    version: '1.2.014',
    'xml:lang': 'en',
  };
  return `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE cXML SYSTEM "${systemId}">\n${element('cXML', root, content)}\n`;
}
