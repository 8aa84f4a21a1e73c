/** Vendors, contracts and orders in Countersign's own database. */
import { Type } from 'typebox';
import { errorText } from '../../plan/error-text.ts';
import { type AssetRegister, RegisterConflict } from '../../plan/register.ts';
import { AttemptClient } from '../kit/attempt-client.ts';
import { PermanentFailure, RetryableFailure } from '../kit/failures.ts';

export const RegisterSettings = Type.Object({}, { additionalProperties: false });

export class RegisterClient extends AttemptClient {
  private readonly register: AssetRegister | undefined;

  /** Without one it can do nothing. */
  constructor(register: AssetRegister | undefined) {
    super();
    this.register = register;
  }

  /** What the database cannot do now may work later; what stands in the way a person must settle. */
  async ask<T>(question: (register: AssetRegister) => Promise<T>): Promise<T> {
    if (!this.register)
      throw new PermanentFailure('The register is kept in the database, and this process has none.');
    this.signal.throwIfAborted();
    try {
      return await question(this.register);
    } catch (error) {
      if (error instanceof RegisterConflict) throw new PermanentFailure(error.message, { cause: error });
      throw new RetryableFailure(`The register could not be asked. ${errorText(error)}`, { cause: error });
    }
  }
}

/** Who did it, for the history. */
export function actorOf(run: { id: string }): { by: string } {
  return { by: `run ${run.id}` };
}
