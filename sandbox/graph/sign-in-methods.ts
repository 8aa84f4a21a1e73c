/** How people prove who they are (authenticationMethod resource type). Changed by effects alone. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Effect, Effects } from '../effects.ts';
import { idOf, type SeedUser } from '../seed.ts';
import { badRequest, GraphError, notFound } from './errors.ts';

export interface SignInMethod {
  id: string;
  /** Without `AuthenticationMethod` at its end. */
  type: string;
  properties: Record<string, unknown>;
  isDefault?: boolean;
}

/** The same for everybody (passwordAuthenticationMethod resource type). */
const passwordId = '28c10230-6103-485e-b985-444c60001490';
/** Of the phone of type `mobile` (phoneAuthenticationMethod resource type). */
const mobileId = '3179e48a-750b-4051-897c-87b9720928f7';

const shortestMinutes = 10;
/** Eight hours, the default of the policy for this method (temporaryAccessPassAuthenticationMethodConfiguration). */
const longestMinutes = 480;
const usualMinutes = 60;

export class SignInMethods {
  private byUser = new Map<string, SignInMethod[]>();
  private readonly effects: Effects;

  constructor(effects: Effects) {
    this.effects = effects;
    this.reset();
    for (const effect of effects.list({ system: 'graph' })) this.apply(effect);
  }

  reset(): void {
    this.byUser = new Map([
      [
        idOf('lou.maier@example.com'),
        [
          {
            id: mobileId,
            type: 'phone',
            properties: {
              phoneNumber: '+49 1555 0100',
              phoneType: 'mobile',
              smsSignInState: 'notAllowedByPolicy',
            },
            isDefault: true,
          },
          {
            id: idOf('authenticator of Lou'),
            type: 'microsoftAuthenticator',
            properties: {
              displayName: 'Phone of Lou',
              deviceTag: 'SoftwareTokenActivated',
              phoneAppVersion: '6.8.0',
            },
          },
        ],
      ],
      // Of a kind that is not removed by a collection of its own here.
      [
        idOf('morgan.weiss@example.com'),
        [
          {
            id: idOf('Mac of Morgan'),
            type: 'platformCredential',
            properties: { displayName: 'Mac of Morgan', platform: 'macOS', keyStrength: 'normal' },
          },
        ],
      ],
    ]);
  }

  /** Everybody has a password, which does not show. */
  of(user: SeedUser): SignInMethod[] {
    const password = { id: passwordId, type: 'password', properties: { password: null } };
    return [password, ...this.othersOf(user.id)];
  }

  remove(user: SeedUser, type: string, id: string): void {
    const others = this.othersOf(user.id);
    const method = others.find((item) => item.type === type && item.id === id);
    if (!method) throw notFound(id);
    if (method.isDefault && others.length > 1)
      throw new GraphError(
        400,
        'badRequest',
        `The requested authentication method id of [${id}] matches the user's current default authentication method, and cannot be deleted until the default authentication method is changed`,
      );
    this.change('signInMethod.removed', user, { methodId: id, type });
  }

  /** The method as it was created, with the pass, which is told this once. */
  createPass(user: SeedUser, body: Record<string, unknown>): SignInMethod {
    if (this.othersOf(user.id).some(({ type }) => type === 'temporaryAccessPass'))
      throw badRequest('A Temporary Access Pass already exists for this user.');
    const { lifetimeInMinutes = usualMinutes, isUsableOnce = false, startDateTime } = body;
    const minutes = Number(lifetimeInMinutes);
    if (!Number.isInteger(minutes) || minutes < shortestMinutes || minutes > longestMinutes)
      throw badRequest(
        `The Temporary Access Pass lifetime must be between ${shortestMinutes} and ${longestMinutes} minutes.`,
      );
    const starts = startDateTime ? Date.parse(String(startDateTime)) : Date.now();
    // Some minutes are given to clocks that differ.
    if (Number.isNaN(starts) || starts < Date.now() - 5 * 60_000)
      throw badRequest('The Temporary Access Pass start time must not be in the past.');
    const method: SignInMethod = {
      id: randomUUID(),
      type: 'temporaryAccessPass',
      properties: {
        isUsable: starts <= Date.now(),
        methodUsabilityReason: starts <= Date.now() ? 'EnabledByPolicy' : 'NotYetValid',
        isUsableOnce,
        lifetimeInMinutes: minutes,
        startDateTime: new Date(starts).toISOString(),
        temporaryAccessPass: null,
      },
    };
    this.change('signInMethod.added', user, { method, type: method.type });
    const temporaryAccessPass = randomBytes(6).toString('base64url');
    return { ...method, properties: { ...method.properties, temporaryAccessPass } };
  }

  private othersOf(userId: string): SignInMethod[] {
    return this.byUser.get(userId) ?? [];
  }

  private change(effect: string, user: SeedUser, detail: Record<string, unknown>): void {
    this.apply(this.effects.add('graph', effect, user.userPrincipalName, { userId: user.id, ...detail }));
  }

  private apply({ effect, detail = {} }: Effect): void {
    const userId = String(detail.userId);
    const others = this.othersOf(userId);
    if (effect === 'signInMethod.added')
      this.byUser.set(userId, [...others, structuredClone(detail.method as SignInMethod)]);
    if (effect === 'signInMethod.removed')
      this.byUser.set(
        userId,
        others.filter(({ id }) => id !== detail.methodId),
      );
  }
}
