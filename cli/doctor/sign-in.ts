/** The sign-in provider: its discovery document, as it is asked for when somebody signs in. */
import { dirname, resolve } from 'node:path';
import { PermanentFailure } from '../../activities/kit/failures.ts';
import { failureOfStatus } from '../../activities/kit/http.ts';
import { reachingOut } from '../../activities/kit/reach.ts';
import { trustAt } from '../../activities/kit/trust.ts';
import type { SignInSettings } from '../../compiler/configuration/sign-in.ts';
import { defined } from '../../plan/defined.ts';
import type { Secrets } from '../../vault/secrets.ts';
import type { Finding } from './finding.ts';

const setting = 'signIn.oidc.issuer in countersign.yaml';
const requestMs = 10_000;
/** Without these nobody can sign in by it. */
const needed = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'];

export async function lookAtSignIn(
  { url, oidc }: SignInSettings,
  { path, secrets }: { path: string; secrets: Secrets },
  signal: AbortSignal,
): Promise<Omit<Finding, 'part'>> {
  if (!oidc)
    return url
      ? {
          state: 'problem',
          says: 'signIn.url is set and no provider: nobody but people on this machine can sign in. Set signIn.oidc in countersign.yaml (see docs/sign-in.md).',
        }
      : {
          state: 'unchecked',
          says: 'No provider is configured: people sign in with codes by mail, on this machine alone.',
        };
  await secrets.get(oidc.clientSecret.$secret);
  const { ca, issuer } = oidc;
  const secret = ca?.secret && (await secrets.get(ca.secret.$secret));
  const file = ca?.file && resolve(dirname(path), ca.file);
  const trust = trustAt('signIn.oidc.ca in countersign.yaml', ca && defined({ file, secret }));
  const address = new URL(`${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`);
  const target = { service: 'The sign-in provider', url: address, setting, trust: trust.setting };
  const document = await reachingOut(target, signal, requestMs, async (within) => {
    const answer = await trust.fetch(address, { signal: within, redirect: 'manual' });
    if (!answer.ok)
      throw failureOfStatus({
        service: `The discovery document of the sign-in provider (${setting})`,
        status: answer.status,
        headers: answer.headers,
      });
    return (await answer.json().catch(() => undefined)) as Record<string, unknown> | undefined;
  });
  if (document?.issuer !== issuer)
    throw new PermanentFailure(
      `What answers at ${address.href} calls itself ${typeof document?.issuer === 'string' ? document.issuer : 'nothing'}. Check ${setting}: it must be what the provider says, to the last slash.`,
    );
  const lacking = needed.filter((name) => typeof document[name] !== 'string');
  if (lacking.length > 0)
    throw new PermanentFailure(`The provider’s discovery document lacks ${lacking.join(', ')}.`);
  return { state: 'ok', says: `${issuer} answers with its discovery document` };
}
