/**
 * What a domain controller's refusals mean. The number alone says little: every refused sign-in is 49, an account name that is taken is
 * 68 as a second membership is, and 80 is a missing organisational unit as well as an account that must not be deleted. The text holds
 * the codes that tell.
 */
import { ResultCodeError } from 'ldapts';
import { errorText } from '../../plan/error-text.ts';
import { PermanentFailure, RetryableFailure } from '../kit/failures.ts';

/** The result codes of LDAP (RFC 4511) by which actions decide. */
export const codes = {
  noSuchAttribute: 16,
  valueExists: 20,
  noSuchObject: 32,
  insufficientAccess: 50,
  unwilling: 53,
  notEmpty: 66,
  exists: 68,
} as const;

/** Of a refused sign-in: `data 533`. */
const signInReasons: Record<string, string> = {
  '525': 'there is no such account. Check `user`.',
  '52e': 'the password is wrong, or there is no such account. Check `user` and the secret of `password`.',
  '530': 'the account may not sign in at this hour. Widen its logon hours.',
  '531': 'the account may not sign in from this machine. Widen the workstations that it may use.',
  '532':
    'the password of the account has expired. Give the account one that does not expire, and put it into the secret.',
  '533': 'the account is disabled. Enable it.',
  '568': 'the account is in too many groups. Take it out of some.',
  '701': 'the account has expired. Move its end, or take it away.',
  '773':
    'the account must change its password first. Set one without that condition, and put it into the secret.',
  '775': 'the account is locked. Unlock it, and look for what signs in with an old password.',
};

const untrusted = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
]);

/** Codes of LDAP that pass by themselves. */
const passing: Record<number, string> = {
  1: 'the connection lost its sign-in',
  3: 'it took too long',
  11: 'a limit of the server was reached',
  51: 'the server is busy',
  52: 'the server is not available',
};

/** The way out, by the code that the text holds: of Windows, in hexadecimal. */
const byText: [pattern: RegExp, way: string][] = [
  [
    /0000052D/i,
    'The password does not meet the rules of the domain: its length, its kinds of characters, its age or its history.',
  ],
  [
    /0000202F|servicePrincipalName|userPrincipalName.*(in use|exists)/i,
    'Another account has this sign-in name. Choose another.',
  ],
  [/000020B5/i, 'A person or group that it refers to is not there. Check its name.'],
  [/00002095|0000208D/i, 'The organisational unit is not there. Check its distinguished name.'],
];

const byCode: Record<number, string> = {
  8: 'The server wants a secure connection: give `url` with ldaps://, or with ldap:// for StartTLS.',
  10: 'The entry belongs to another domain. Name a domain controller of that domain in the settings.',
  16: 'The schema has no such attribute, or the value is not there any more.',
  17: 'The schema has no such attribute. Check the spelling; some need an extension of the schema.',
  19: 'A rule of the directory forbids the value.',
  20: 'The attribute takes one value only, or has this one already.',
  21: 'The value is not of the form that the attribute has.',
  32: 'There is no such entry.',
  34: 'This is no distinguished name.',
  50: 'The account of the connector may not do that. Delegate the right to it (docs/active-directory.md).',
  53: 'The directory does not do that to this entry.',
  64: 'The name is not of the form that the directory wants.',
  65: 'The entry does not take this attribute, or lacks one that it needs.',
  66: 'There is something in it still. Move or delete that first.',
  67: 'A name is changed by moving the entry, not by writing the attribute.',
  68: 'An entry of this name is there already. Choose another name.',
  69: 'The kind of an entry cannot be changed.',
  80: 'The directory protects this entry, or what it refers to is not there.',
};

/** What the directory said, as a failure of the step. `doing` is what was tried: `cannot create CN=…`. */
export function failureOf(error: unknown, doing: string): Error {
  if (error instanceof PermanentFailure || error instanceof RetryableFailure) return error;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'number') return refusal(code, serverText(error), doing, error);
  return connectionFailure(typeof code === 'string' ? code : '', error, doing);
}

export function codeOf(error: unknown): number | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
}

function refusal(code: number, text: string, doing: string, cause: unknown): Error {
  const details = { status: code, cause };
  if (code === 49) return signInFailure(text, cause);
  const passes = passing[code];
  if (passes !== undefined)
    return new RetryableFailure(`Active Directory ${doing}: ${passes} (code ${code}).`, details);
  const way = byText.find(([pattern]) => pattern.test(text))?.[1] ?? byCode[code];
  const said = text === '' ? '' : ` It said: ${text}`;
  return new PermanentFailure(
    `Active Directory ${doing} (code ${code}).${way === undefined ? '' : ` ${way}`}${said}`,
    details,
  );
}

function signInFailure(text: string, cause: unknown): PermanentFailure {
  const data = /\bdata ([0-9a-f]+)/i.exec(text)?.[1]?.toLowerCase() ?? '';
  const reason = signInReasons[data] ?? 'no reason that is known was given.';
  return new PermanentFailure(
    `Active Directory refused the sign-in of the account under connectors: ad: in countersign.yaml: ${reason} (data ${data || 'none'})`,
    { status: 49, cause },
  );
}

function connectionFailure(code: string, error: unknown, doing: string): Error {
  const where = 'connectors: ad: in countersign.yaml';
  if (untrusted.has(code))
    return new PermanentFailure(
      `The certificate of the domain controller is signed by nobody that is trusted (${code}). Name its certificate authority under ${where}, as ca.`,
      { cause: error },
    );
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return new PermanentFailure(
      `The certificate of the domain controller is made out to another name (${code}). Give url that name, or say it as servername under ${where}. ${errorText(error)}`,
      { cause: error },
    );
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return new PermanentFailure(
      `The certificate of the domain controller is not valid now (${code}). Renew it there, or set the clock right.`,
      { cause: error },
    );
  if (code === 'ERR_INVALID_ARG_TYPE')
    return new PermanentFailure(`Active Directory ${doing}: a value is no text.`, { cause: error });
  return new RetryableFailure(
    `Active Directory ${doing}: the domain controller could not be reached${code ? ` (${code})` : ''}. ${errorText(error)} If it stays so, check url under ${where}.`,
    { cause: error },
  );
}

/** Without what ldapts adds, and the byte that ends a text of the server. */
function serverText(error: unknown): string {
  const text = error instanceof ResultCodeError || error instanceof Error ? error.message : errorText(error);
  return text
    .replace(/\s*Code: 0x[0-9a-f]+$/i, '')
    .replaceAll('\0', '')
    .trim();
}
