import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { specsFolder } from '../sandbox/contract.ts';
import { withoutContracts } from '../test/support/skipped.ts';
import { replayWindowMs } from './signature.ts';
import { shippedSystem } from './testing.ts';

const secret = 'a secret';
const jiraSignatureProblem = (header: string | undefined, body: Buffer, secret: string) =>
  shippedSystem('jira').doubt(
    { header: (name) => (name === 'x-hub-signature' ? header : undefined), body, receivedAt: 0 },
    secret,
  );

interface SignedAt {
  signature: string | undefined;
  timestamp: string | undefined;
  body: Buffer;
  secret: string;
  now: number;
}
const body = Buffer.from('{"webhookEvent":"jira:issue_updated"}');
const hexOf = (...parts: (string | Buffer)[]) => {
  const hmac = createHmac('sha256', secret);
  for (const part of parts) hmac.update(part);
  return hmac.digest('hex');
};

function* changedBits(bytes: Buffer): Generator<Buffer> {
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    yield changed;
  }
}

describe('A Jira signature', () => {
  const signature = hexOf(body);

  it('over the very bytes with the very secret is believed', () => {
    expect(jiraSignatureProblem(`sha256=${signature}`, body, secret)).toBeUndefined();
    expect(jiraSignatureProblem(`sha256=${signature.toUpperCase()}`, body, secret)).toBeUndefined();
  });

  it('fails when any single bit of the body or of the signature is changed', () => {
    for (const changed of changedBits(body))
      expect(jiraSignatureProblem(`sha256=${signature}`, changed, secret)).toContain('does not match');
    for (const changed of changedBits(Buffer.from(signature, 'hex')))
      expect(jiraSignatureProblem(`sha256=${changed.toString('hex')}`, body, secret)).toContain(
        'does not match',
      );
  });

  it.each([
    [undefined, 'not signed'],
    ['', 'not signed'],
    ['sha256', 'not 64 hexadecimal digits'],
    ['sha256=', 'not 64 hexadecimal digits'],
    ['sha256=zz', 'not 64 hexadecimal digits'],
    [`sha256=${signature}=x`, 'only sha256 is accepted'],
    [`md5=${signature}`, 'only sha256 is accepted'],
  ])('written as %s is refused, saying why', (header, words) => {
    expect(jiraSignatureProblem(header, body, secret)).toContain(words);
  });
});

const seconds = 1_795_000_000;
const now = seconds * 1000;

const problemOf = ({ signature, timestamp, body: signed, secret: by, now: receivedAt }: SignedAt) => {
  const headers: Record<string, string | undefined> = {
    'x-countersign-signature': signature,
    'x-countersign-timestamp': timestamp,
  };
  return shippedSystem('servicenow').doubt({ header: (name) => headers[name], body: signed, receivedAt }, by);
};
const good = {
  signature: `sha256=${hexOf(`${seconds}.`, body)}`,
  timestamp: String(seconds),
  body,
  secret,
  now,
};

describe('A signature of our own scheme', () => {
  it('is believed within the window, whichever clock is ahead', () => {
    expect(problemOf(good)).toBeUndefined();
    expect(problemOf({ ...good, now: now + replayWindowMs })).toBeUndefined();
    expect(problemOf({ ...good, now: now - replayWindowMs })).toBeUndefined();
  });

  it('is not believed any more after the window, saying how old it is', () => {
    expect(problemOf({ ...good, now: now + replayWindowMs + 60_000 })).toContain('signed 6 minutes ago');
    expect(problemOf({ ...good, now: now - 2 * replayWindowMs })).toContain('signed 10 minutes from now');
  });

  it('fails when any single bit of body, signature or moment is changed', () => {
    for (const changed of changedBits(good.body))
      expect(problemOf({ ...good, body: changed })).toContain('does not match');
    for (const changed of changedBits(Buffer.from(hexOf(`${seconds}.`, body), 'hex')))
      expect(problemOf({ ...good, signature: `sha256=${changed.toString('hex')}` })).toContain(
        'does not match',
      );
    for (const changed of changedBits(Buffer.from(good.timestamp)))
      expect(problemOf({ ...good, timestamp: changed.toString('latin1') })).toBeDefined();
  });

  it('is missed when it or its moment is missing', () => {
    expect(problemOf({ ...good, signature: undefined })).toContain('not signed');
    expect(problemOf({ ...good, timestamp: undefined })).toBeDefined();
    expect(problemOf({ ...good, timestamp: 'yesterday' })).toBeDefined();
  });
});

const vectorsFile = join(specsFolder(), 'payloads', 'signature-vectors.json');
const hasVectors = existsSync(vectorsFile);
if (!hasVectors) withoutContracts('published signatures');

(hasVectors ? describe : describe.skip)('The published vector of', () => {
  const vectors = hasVectors
    ? (JSON.parse(readFileSync(vectorsFile, 'utf8')) as Record<string, Record<string, string>>)
    : {};
  const given = (name: string) => {
    const vector = vectors[name];
    if (!vector) throw new Error(`no vector for ${name}`);
    return { vector, body: Buffer.from(vector.raw_body ?? ''), secret: vector.signing_secret ?? '' };
  };

  it('Zendesk is believed at its moment, and at no other', () => {
    const { vector, body: raw, secret: by } = given('zendesk');
    const headers: Record<string, string | undefined> = {
      'x-zendesk-webhook-signature': vector['X-Zendesk-Webhook-Signature'],
      'x-zendesk-webhook-signature-timestamp': vector['X-Zendesk-Webhook-Signature-Timestamp'],
    };
    const at = Date.parse(vector['X-Zendesk-Webhook-Signature-Timestamp'] ?? '');
    const doubt = (receivedAt: number, key = by) =>
      shippedSystem('zendesk').doubt({ header: (name) => headers[name], body: raw, receivedAt }, key);
    expect(doubt(at)).toBeUndefined();
    expect(doubt(at + replayWindowMs)).toBeUndefined();
    expect(doubt(at + replayWindowMs + 60_000)).toContain('signed 6 minutes ago');
    expect(doubt(at, 'another')).toContain('does not match');
    headers['x-zendesk-webhook-signature-timestamp'] = '2021-03-25T05:09:28Z';
    expect(doubt(at)).toContain('does not match');
  });

  it('Jira has the form that is read', () => {
    const { vector, body: raw } = given('jira');
    expect(vector.header).toBe('X-Hub-Signature: sha256=<hex>');
    expect(jiraSignatureProblem(`sha256=${'0'.repeat(64)}`, raw, 'unknown')).toContain('does not match');
  });
});
