/** Signing in with a one-time code that comes by mail. For one machine: a provider does it for everybody else. */
import { createHmac, randomInt, randomUUID } from 'node:crypto';
import { addressOf } from '../../plan/address.ts';
import type { SignInCodes } from '../../store/sign-in-codes.ts';
import type { Seal } from '../../vault/seal.ts';
import { Problem } from '../problem.ts';

export interface CodeParts {
  codes: SignInCodes;
  seal: Seal;
  /** Whether the address is somebody's who has to do with this installation. */
  isKnown(person: string): Promise<boolean>;
  /** Sends mail. */
  tell(notice: { id: string; to: string[]; subject: string; text: string }): Promise<void>;
  organisation(): string;
  log: (line: string) => void;
}

export class CodeSignIn {
  private readonly parts: CodeParts;

  constructor(parts: CodeParts) {
    this.parts = parts;
  }

  /**
   * Sends a code to whoever may sign in, and nothing to anybody else; whoever asks cannot tell which it was. Throws a
   * {@link Problem} (429) when too many were asked for.
   */
  async ask(email: string, remote: string): Promise<void> {
    const person = addressOf(email);
    if (!person) throw new Problem(400, 'Not understood', `"${email}" is no e-mail address.`);
    const known = await this.parts.isKnown(person);
    const code = String(randomInt(100_000_000)).padStart(8, '0');
    const hash = known ? this.hashOf(person, code) : undefined;
    if (!(await this.parts.codes.add({ person, remote, hash }))) {
      throw new Problem(
        429,
        'Too many codes',
        'Too many codes were asked for within an hour. Use the newest one you have, or try again in an hour.',
        { retryAfter: 3_600 },
      );
    }
    if (!known) return;
    const shown = `${code.slice(0, 4)}-${code.slice(4)}`;
    this.parts.log(`Sign-in code for ${person}: ${shown}`);
    // Not waited for: how long it takes would tell that the address is known.
    void this.parts.tell(this.noticeOf(person, shown)).catch((error: unknown) => {
      this.parts.log(`The sign-in code for ${person} could not be sent by mail: ${String(error)}`);
    });
  }

  /** Who signs in with this code. Throws a {@link Problem} (401) when it is not right, or no longer. */
  async check(email: string, code: string): Promise<string> {
    const person = addressOf(email);
    const digits = code.replace(/\D/g, '');
    if (person && (await this.parts.codes.use(person, this.hashOf(person, digits)))) return person;
    throw new Problem(
      401,
      'Wrong code',
      'This code is not right, or no longer. A code is good once, for ten minutes and five tries. Ask for a new one.',
    );
  }

  private noticeOf(person: string, shown: string) {
    return {
      id: `sign-in-${randomUUID()}`,
      to: [person],
      subject: 'Your sign-in code for Countersign',
      text: `Your code for signing in to Countersign of ${this.parts.organisation()}:\n\n    ${shown}\n\nIt is good once, for ten minutes. Whoever asks you for it is not from IT.\nIf you did not ask for it, ignore this mail: nobody can sign in without the code.\n`,
    };
  }

  /** Keyed, since eight digits are few enough to try them all against a plain hash. */
  private hashOf(person: string, code: string): Buffer {
    return createHmac('sha256', this.parts.seal.derive('sign-in codes'))
      .update(`${person}\n${code}`)
      .digest();
  }
}
