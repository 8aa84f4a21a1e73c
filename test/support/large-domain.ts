/** For tests and the bench: a domain of the size that organisations have. */
import type { TestDomain } from './test-domain.ts';

export const size = { users: 5_000, groups: 500, members: 2_000 } as const;
/** Where all of it stands. */
export const many = 'OU=Many,DC=corp,DC=example,DC=com';
/** In the group of 2,000, and through it in nine more. */
export const usual = (at: number) => `many${at}`;
/** In about half of the groups directly, and in nearly all through those. */
export const busiest = `many${size.users - 1}`;

const entry = (...lines: string[]) => lines.join('\n');

/** `Group 0` has 2,000 members; each group but every tenth has the one before it as a member. */
export async function fillLarge(domain: TestDomain): Promise<void> {
  const people = Array.from({ length: size.users }, (_, at) =>
    entry(
      `dn: CN=Many ${at},${many}`,
      'objectClass: user',
      `sAMAccountName: many${at}`,
      'userAccountControl: 514',
    ),
  );
  const groups = Array.from({ length: size.groups }, (_, at) =>
    entry(
      `dn: CN=Group ${at},${many}`,
      'objectClass: group',
      `sAMAccountName: Group ${at}`,
      ...(at % 10 === 0 ? [] : [`member: CN=Group ${at - 1},${many}`]),
      ...(at > 10 && at % 2 === 1 ? [`member: CN=Many ${size.users - 1},${many}`] : []),
    ),
  );
  const all = [entry(`dn: ${many}`, 'objectClass: organizationalUnit'), ...people, ...groups];
  await domain.server.load(`${all.join('\n\n')}\n`);
  const values = Array.from({ length: size.members }, (_, at) => `CN=Many ${at},${many}`);
  await domain.use((directory) =>
    directory.modify(`CN=Group 0,${many}`, [{ operation: 'add', attribute: 'member', values }]),
  );
}
