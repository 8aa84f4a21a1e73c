/**
 * Sign-in for one machine: whoever can read the token in the data folder may say who they are. Every record made this way
 * says `local`. Anything but loopback is refused before it gets here.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeOnce } from '../../worker/write-once.ts';
import type { Principal } from '../../workflows/messages.ts';
import { Problem } from '../problem.ts';

export interface SignIn {
  /** Who is asking. Throws a {@link Problem} (401) when nobody is. */
  principal(headers: Record<string, string | string[] | undefined>): Principal;
}

export type RolesOf = (person: string) => string[];

export async function localSignIn(dataFolder: string, rolesOf: RolesOf): Promise<SignIn> {
  const token = await tokenIn(join(dataFolder, 'local-token'));
  return {
    principal: (headers) => {
      const given = /^Bearer (.+)$/.exec(String(headers.authorization ?? ''))?.[1] ?? '';
      if (!equal(given, token)) {
        throw new Problem(
          401,
          'Not signed in',
          'Send the token of this installation: Authorization: Bearer … (it is in the data folder, local-token).',
        );
      }
      const id = String(headers['x-countersign-as'] ?? '')
        .trim()
        .toLowerCase();
      if (!/^[^\s@]+@[^\s@]+$/.test(id)) {
        throw new Problem(
          401,
          'Who are you?',
          'Say who is acting, by e-mail address: X-Countersign-As: kim@example.com (on the command line: --as).',
        );
      }
      return { id, roles: rolesOf(id) };
    },
  };
}

async function tokenIn(file: string): Promise<string> {
  await writeOnce(file, randomBytes(32).toString('base64url'));
  return (await readFile(file, 'utf8')).trim();
}

function equal(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
