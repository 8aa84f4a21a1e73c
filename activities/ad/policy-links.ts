/**
 * Which group policies are linked to an organisational unit, or to the domain: gPLink. The server takes any text for it and gives it back,
 * so that what is not of the exact form is never written, and never changed.
 */
import { PermanentFailure } from '../kit/failures.ts';
import type { Directory } from './directory.ts';
import { all, is } from './filters.ts';
import { isDn, isGuid, plainName } from './names.ts';

export interface Link {
  /** Distinguished name of the policy. */
  policy: string;
  /** Whether it counts here. */
  enabled: boolean;
  /** Whether no unit below can block it. */
  enforced: boolean;
}

export interface Policy {
  id: string;
  dn: string;
  name: string;
}

/** Plain, as a step remembers it. */
export interface Linked {
  container: string;
  /** As it is written there. Empty where nothing is linked. */
  text: string;
  /** In their order: the first wins over those after it. */
  links: Link[];
}

/** Bits of the number that a link ends with. */
const [disabledBit, enforcedBit] = [1, 2];
const link =
  /\[LDAP:\/\/((?:CN|cn)=\{[0-9A-Fa-f-]{36}\},(?:CN|cn)=Policies,(?:CN|cn)=System(?:,(?:DC|dc)=[^,;[\]]+)+);([0-3])\]/y;

/** Undefined where the text is of another form, in part even. The last that is written wins, and comes first here. */
export function linksOf(text: string): Link[] | undefined {
  const links: Link[] = [];
  for (let at = 0; at < text.length; ) {
    link.lastIndex = at;
    const found = link.exec(text);
    if (!found) return undefined;
    const options = Number(found[2]);
    links.push({
      policy: found[1] ?? '',
      enabled: (options & disabledBit) === 0,
      enforced: (options & enforcedBit) !== 0,
    });
    at = link.lastIndex;
  }
  return links.reverse();
}

export function textOf(links: readonly Link[]): string {
  return [...links]
    .reverse()
    .map(({ policy, enabled, enforced }) => {
      const options = (enabled ? 0 : disabledBit) | (enforced ? enforcedBit : 0);
      return `[LDAP://${policy};${options}]`;
    })
    .join('');
}

/** Rejects where the container is not there, or holds what this cannot read. Some tools leave a blank where nothing is linked any more. */
export async function linkedTo(directory: Directory, container: string): Promise<Linked> {
  const entry = await directory.read(container, ['gPLink', 'objectGUID']);
  if (!entry)
    throw new PermanentFailure(`Active Directory has no ${container}. Correct \`container\`.`, {
      status: 404,
    });
  const text = entry.text('gPLink') ?? '';
  const links = linksOf(text.trim());
  if (links === undefined)
    throw new PermanentFailure(
      `The list of group policies of ${container} is not of the form that it has to have, and is left as it is: ${JSON.stringify(text)}. Set it right by hand.`,
    );
  return { container: entry.dn, text, links };
}

/** Writes it only if it still is what was read, so that no link of somebody else is lost. */
export async function relink(
  directory: Directory,
  { container, text }: Linked,
  links: readonly Link[],
): Promise<void> {
  const after = textOf(links);
  await directory.exchange(container, 'gPLink', text === '' ? [] : [text], after === '' ? [] : [after]);
}

/** By its name, its id or its distinguished name. */
export async function policyCalled(directory: Directory, name: string): Promise<Policy> {
  const base = `CN=Policies,CN=System,${directory.domain}`;
  const filter = is('objectClass', 'groupPolicyContainer');
  const attributes = ['objectGUID', 'displayName', 'cn'];
  const braces = `{${name.replace(/[{}]/g, '')}}`.toUpperCase();
  const found = isDn(name)
    ? await directory.search({ base: name, filter, attributes, scope: 'base' })
    : await directory.search({
        base,
        filter: all(filter, isGuid(name) ? is('cn', braces) : is('displayName', name)),
        attributes,
        scope: 'one',
      });
  const [policy] = found;
  if (found.length > 1)
    throw new PermanentFailure(
      `${found.length} group policies are called ${name}: ${found.map(({ dn }) => plainName(dn)).join(', ')}. Name one by its id.`,
    );
  if (!policy)
    throw new PermanentFailure(`Active Directory has no group policy ${name}. Check the spelling.`, {
      status: 404,
    });
  return {
    id: policy.text('cn') ?? plainName(policy.dn),
    dn: policy.dn,
    name: policy.text('displayName') ?? name,
  };
}

/** The names of all, by distinguished name in small letters. */
export async function policyNames(directory: Directory): Promise<Map<string, string>> {
  const found = await directory.search({
    base: `CN=Policies,CN=System,${directory.domain}`,
    filter: is('objectClass', 'groupPolicyContainer'),
    attributes: ['displayName'],
    scope: 'one',
  });
  return new Map(
    found.map((entry) => [entry.dn.toLowerCase(), entry.text('displayName') ?? plainName(entry.dn)]),
  );
}

export function indexOf({ links }: Linked, policy: Policy): number {
  return links.findIndex((each) => each.policy.toLowerCase() === policy.dn.toLowerCase());
}

/** What a preview shows before and after: the links in their order. */
export function inWords(links: readonly Link[], names: ReadonlyMap<string, string>): string {
  const words = links.map(({ policy, enabled, enforced }, at) => {
    const how = [...(enabled ? [] : ['disabled']), ...(enforced ? ['enforced'] : [])].join(', ');
    return `${at + 1}. ${names.get(policy.toLowerCase()) ?? policy}${how === '' ? '' : ` (${how})`}`;
  });
  return words.join(' ') || 'none';
}
