/** `signIn` of the configuration: how people sign in, and under which address. */

import type { JsonSchema } from '../../plan/plan.ts';
import * as codes from '../diagnostics/registry/configuration.ts';
import { unknownRole } from '../diagnostics/registry/names.ts';
import type { Reporter } from '../diagnostics/reporter.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { childOf, type Node, textOf } from '../source/tree.ts';

export interface SignInSettings {
  /** The address under which people know the gateway, such as https://countersign.example.com. */
  url?: string;
  /** Codes by mail also where there is a provider; on the gateway's own machine in any case. */
  local?: boolean;
  oidc?: OidcSettings;
}

export interface OidcSettings {
  issuer: string;
  clientId: string;
  clientSecret: { $secret: string };
  title?: string;
  /** A certificate authority of the organisation's own; a file is beside the configuration. */
  ca?: { file?: string; secret?: { $secret: string } };
  emailClaim?: string;
  trustEmail?: boolean;
  rolesClaim?: string;
  /** Value of that claim -> role. */
  roles?: Record<string, string>;
}

const text = (description: string): JsonSchema => ({ type: 'string', description });
const flag = (description: string): JsonSchema => ({ type: 'boolean', description });

const oidc: JsonSchema = {
  type: 'object',
  description: 'An OpenID Connect provider.',
  properties: {
    issuer: text('Its address, as it says itself, such as https://login.example.com.'),
    clientId: text('The id under which the provider knows Countersign.'),
    clientSecret: text('The secret that goes with it.'),
    title: text('What people call it, for the button.'),
    ca: {
      type: 'object',
      description: 'The certificate authority of your own that has signed its certificate: file or secret.',
      properties: {
        file: text('File with its certificates (PEM), beside countersign.yaml.'),
        secret: text('Secret that holds them, instead of a file.'),
      },
      minProperties: 1,
      additionalProperties: false,
    },
    emailClaim: text(
      'The claim with the e-mail address, unless it is email. People must not be able to change it themselves.',
    ),
    trustEmail: flag(
      'Take the claim email from a provider that does not say whether it was verified. Only where nobody can enter the address of somebody else.',
    ),
    rolesClaim: text(
      'The claim that says which groups or roles somebody has, by its name or its path: groups, realm_access.roles.',
    ),
    roles: {
      type: 'object',
      description: 'Which of its values gives which role, each written as the provider writes it.',
      additionalProperties: text('A role under roles.'),
    },
  },
  required: ['issuer', 'clientId', 'clientSecret'],
  additionalProperties: false,
};

export const signInSchema: JsonSchema = {
  type: 'object',
  description: 'How people sign in.',
  properties: {
    url: text('The address under which people know the gateway, such as https://countersign.example.com.'),
    local: flag('One-time codes by mail on the gateway’s own machine, also where there is a provider.'),
    oidc,
  },
  additionalProperties: false,
};

/** What the schema cannot say. */
export function checkSignIn(node: Node | undefined, roles: readonly string[], reporter: Reporter): void {
  const provider = childOf(node, 'oidc');
  checkAddress(childOf(node, 'url'), 'url', reporter);
  checkAddress(childOf(provider, 'issuer'), 'issuer', reporter);
  const given = childOf(provider, 'roles');
  if (given?.kind !== 'map') return;
  if (!childOf(provider, 'rolesClaim'))
    reporter.report(codes.badSignIn, given, {
      what: '`roles` needs `rolesClaim`, the claim that has these values.',
    });
  for (const { value } of given.entries) {
    const role = textOf(value);
    if (role !== undefined && !roles.includes(role))
      reporter.report(unknownRole, value, { role, known: [...roles] }, { suggestion: nearest(role, roles) });
  }
}

/** Passwords and cookies travel over it: in the clear on this machine only. */
function checkAddress(node: Node | undefined, key: 'url' | 'issuer', reporter: Reporter): void {
  const value = textOf(node);
  if (!node || value === undefined) return;
  const what = addressProblem(value, key);
  if (what) reporter.report(codes.badSignIn, node, { what: `\`${key}\` ${what}` });
}

function addressProblem(value: string, key: 'url' | 'issuer'): string | undefined {
  if (!/^https?:\/\//.test(value)) return 'is a whole address, such as https://countersign.example.com.';
  if (/^http:\/\/(?!(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(\/|$))/.test(value))
    return 'must begin with https://, since sign-ins would travel in the clear.';
  if (key === 'url' && !/^https?:\/\/[^/?#@\s]+\/?$/.test(value))
    return 'is an address without a path: the gateway has it all to itself.';
  if (/[\s?#@]/.test(value)) return 'has no name, question mark or # in it.';
  return undefined;
}
