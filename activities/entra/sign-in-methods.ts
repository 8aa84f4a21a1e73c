/** The ways in which a person proves who they are (authenticationMethod resource type). */
import type { GraphClient } from '../kit/graph/client.ts';

export interface SignInMethod {
  id: string;
  /** Such as `#microsoft.graph.phoneAuthenticationMethod`. */
  '@odata.type'?: string;
  displayName?: string | null;
  phoneType?: string | null;
}

interface Kind {
  name: string;
  /** Each is deleted by its own type's collection; absent where Graph has none. */
  collection?: string;
}

const kinds: Record<string, Kind> = {
  password: { name: 'password' },
  phone: { name: 'phone', collection: 'phoneMethods' },
  microsoftAuthenticator: { name: 'Microsoft Authenticator', collection: 'microsoftAuthenticatorMethods' },
  fido2: { name: 'security key or passkey', collection: 'fido2Methods' },
  softwareOath: { name: 'authenticator app with codes', collection: 'softwareOathMethods' },
  email: { name: 'e-mail for resetting the password', collection: 'emailMethods' },
  windowsHelloForBusiness: { name: 'Windows Hello', collection: 'windowsHelloForBusinessMethods' },
  temporaryAccessPass: { name: 'Temporary Access Pass', collection: 'temporaryAccessPassMethods' },
};

/** Microsoft Graph: List methods. */
export function methodsOf(client: GraphClient, userId: string): Promise<SignInMethod[]> {
  return client.list<SignInMethod>(`/users/${userId}/authentication/methods`);
}

/** Where a method is deleted, relative to the user. Undefined when Graph deletes no such method. */
export function pathOf(method: SignInMethod): string | undefined {
  const collection = kindOf(method)?.collection;
  return collection && `/authentication/${collection}/${encodeURIComponent(method.id)}`;
}

export function isPassword(method: SignInMethod): boolean {
  return typeOf(method) === 'password';
}

/** As a coordinator would name it: `phone (mobile)`, `Microsoft Authenticator (Phone of Ann)`. No full numbers or addresses. */
export function plainName(method: SignInMethod): string {
  const name = kindOf(method)?.name ?? (typeOf(method) || 'method of an unknown kind');
  const which = method.phoneType ?? method.displayName;
  return which ? `${name} (${which})` : name;
}

function kindOf(method: SignInMethod): Kind | undefined {
  return kinds[typeOf(method)];
}

function typeOf(method: SignInMethod): string {
  return /^#microsoft\.graph\.(\w+?)AuthenticationMethod$/.exec(method['@odata.type'] ?? '')?.[1] ?? '';
}
