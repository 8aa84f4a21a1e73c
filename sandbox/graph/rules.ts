/** What Entra ID holds new and changed users and memberships to, beyond the shape of the request. */
import { domains, type SeedGroup } from '../seed.ts';
import { badRequest, GraphError, invalidValue } from './errors.ts';

type Body = Record<string, unknown>;

const required = ['accountEnabled', 'displayName', 'mailNickname', 'passwordProfile', 'userPrincipalName'];

const managedOnPremises =
  'Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.';

export function checkRequired(body: Body): void {
  for (const name of required) {
    if (body[name] === undefined || body[name] === null || body[name] === '')
      throw badRequest(`A value is required for property '${name}' of resource 'User'.`);
  }
}

export function checkValues(body: Body): void {
  const { usageLocation, mailNickname, userPrincipalName, passwordProfile, displayName } = body;
  if (typeof usageLocation === 'string' && !/^[A-Z]{2}$/.test(usageLocation))
    throw invalidValue('usageLocation', 'User');
  if (
    typeof mailNickname === 'string' &&
    (mailNickname.length > 64 || /[\s@()[\]\\";:<>,]/.test(mailNickname))
  )
    throw invalidValue('mailNickname', 'User');
  if (typeof displayName === 'string' && displayName.length > 256) throw invalidValue('displayName', 'User');
  if (typeof userPrincipalName === 'string') checkName(userPrincipalName);
  if (passwordProfile) checkPassword(passwordProfile);
}

function checkName(upn: string): void {
  if (!/^[A-Za-z0-9'._\-!#^~]+@[^@\s]+$/.test(upn) || upn.length > 113)
    throw badRequest('Property userPrincipalName is invalid.');
  if (!domains.includes(upn.split('@')[1]?.toLowerCase() ?? ''))
    throw badRequest(
      'The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.',
    );
}

/** Entra's default policy: 8 to 256 characters of three of four kinds. */
function checkPassword(profile: unknown): void {
  const { password } = profile as { password?: unknown };
  // Whether to change it at the next sign-in may be set by itself.
  if (password === undefined) return;
  const text = String(password ?? '');
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(text)).length;
  if (text.length >= 8 && text.length <= 256 && kinds >= 3) return;
  throw badRequest(
    'The specified password does not comply with password complexity requirements. Please provide a different password.',
  );
}

/** A synced user is changed where it comes from, but for what only the cloud knows. */
export function checkMasteredHere(user: Record<string, unknown>, changed: string[]): void {
  if (user.onPremisesSyncEnabled && changed.some((name) => name !== 'usageLocation'))
    throw badRequest(managedOnPremises);
}

/** Groups whose members Graph does not let anybody set (Working with groups in Microsoft Graph). */
export function checkMembersManagedHere(group: SeedGroup): void {
  const types = group.groupTypes as string[];
  if (types.includes('DynamicMembership'))
    throw new GraphError(
      403,
      'Authorization_RequestDenied',
      'Insufficient privileges to complete the operation.',
    );
  if (group.onPremisesSyncEnabled) throw badRequest(managedOnPremises);
  if (group.mailEnabled && !types.includes('Unified'))
    throw badRequest('Cannot Update a mail-enabled security groups and or distribution list.');
}
