/**
 * The token of one machine: whoever can read it in the data folder may say who they are. It is what the command line uses,
 * and it works on loopback only.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addressOf } from '../../plan/address.ts';
import { writeNewFile } from '../../vault/write-new-file.ts';
import { Problem } from '../problem.ts';

type Headers = Record<string, string | string[] | undefined>;

export class LocalToken {
  private readonly token: string;

  constructor(token: string) {
    this.token = token;
  }

  /** Reads the token of this installation, which is made at its first start. */
  static async in(dataFolder: string): Promise<LocalToken> {
    const file = join(dataFolder, 'local-token');
    await writeNewFile(file, randomBytes(32).toString('base64url'));
    return new LocalToken((await readFile(file, 'utf8')).trim());
  }

  /** Throws a {@link Problem} (401) when the token is not the right one, or nobody is named. */
  personOf(headers: Headers): string {
    const given = /^Bearer (.+)$/.exec(String(headers.authorization ?? ''))?.[1] ?? '';
    if (!equal(given, this.token)) {
      throw new Problem(
        401,
        'Not signed in',
        'Send the token of this installation: Authorization: Bearer … (it is in the data folder, local-token).',
      );
    }
    const person = addressOf(String(headers['x-countersign-as'] ?? ''));
    if (person) return person;
    throw new Problem(
      401,
      'Who are you?',
      'Say who is acting, by e-mail address: X-Countersign-As: kim@example.com (on the command line: --as).',
    );
  }
}

function equal(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
