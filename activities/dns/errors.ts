/** What refusals of a DNS server mean (RFC 1035, 2136, 8945), and what to do about them. */
import { PermanentFailure, RetryableFailure } from '../kit/failures.ts';
import type { Doubt } from './wire/tsig.ts';

export const codes = {
  noError: 0,
  serverFailure: 2,
  nameMissing: 3,
  refused: 5,
  nameThere: 6,
  setThere: 7,
  setMissing: 8,
} as const;

const where = 'connectors: dns: in countersign.yaml';

/** A prerequisite does not hold: what was read is not there any more. */
const changed = new Set<number>([codes.nameMissing, codes.nameThere, codes.setThere, codes.setMissing]);

const permanent: Record<number, string> = {
  1: 'it could not read what was sent (FORMERR).',
  4: 'it takes no updates (NOTIMP). Name the primary of the zone as server.',
  5: 'it refused (REFUSED). The key may not do this there: see allow-update or update-policy of the zone, and whether the zone is frozen. BIND also refuses an MX whose host, in the same zone, has no address.',
  9: 'it does not answer for the zone (NOTAUTH). Name the primary of the zone as server, and only its own zones as zones.',
  10: 'the name is not in the zone (NOTZONE).',
};

export function failureOfCode(code: number, doing: string): Error {
  const details = { status: code };
  if (changed.has(code))
    return new RetryableFailure(
      `DNS ${doing}: somebody changed it meanwhile. The next try looks again.`,
      details,
    );
  if (code === codes.serverFailure)
    return new RetryableFailure(`DNS ${doing}: the server failed (SERVFAIL).`, details);
  const says = permanent[code] ?? `the server answered with code ${code}.`;
  return new PermanentFailure(`DNS ${doing}: ${says} Look under ${where} and in the server's log.`, details);
}

const keyErrors: Record<number, string> = {
  16: 'the secret is not the one that it has under this name (BADSIG), or of another algorithm',
  17: 'it knows no such key (BADKEY)',
  18: 'the clocks of both differ by more than five minutes (BADTIME)',
  22: 'it wants a longer signature (BADTRUNC)',
};

export function failureOfDoubt(doubt: Doubt, key: string, code: number): Error {
  const setting = `key ${key} under ${where}`;
  if (doubt.kind === 'refused')
    return new PermanentFailure(
      `The DNS server did not accept what was signed by ${setting}: ${keyErrors[doubt.error] ?? `error ${doubt.error}`}.`,
      { status: doubt.error },
    );
  if (doubt.kind === 'late')
    return new RetryableFailure(
      'The answer of the DNS server was signed more than five minutes ago or ahead.',
    );
  if (doubt.kind === 'unsigned')
    return new PermanentFailure(
      `The DNS server did not sign its answer (code ${code}), which is not believed. It may not know the ${setting}.`,
      { status: code },
    );
  return new PermanentFailure(
    `The answer of the DNS server is not signed by the ${setting}, and is not believed.`,
  );
}
