/** Passwords, as the directory takes them. */
import type { ActionContext } from '../kit/define-action.ts';
import { passwordFrom } from '../kit/password.ts';

/**
 * The same for the same step, and without what the rules of Windows forbid in it: the account name, and any part of the full name of three
 * letters or more.
 */
export function passwordFor(
  purpose: string,
  names: readonly string[],
  { secretFor, conceal }: Pick<ActionContext<unknown>, 'secretFor' | 'conceal'>,
): string {
  const parts = names
    .flatMap((name) => [name, ...name.split(/[\s,.\-_#]+/)])
    .filter(({ length }) => length >= 3);
  for (let attempt = 0; ; attempt++) {
    const password = passwordFrom(secretFor(attempt === 0 ? purpose : `${purpose} ${attempt}`));
    const lower = password.toLowerCase();
    if (parts.some((part) => lower.includes(part.toLowerCase()))) continue;
    conceal(password);
    return password;
  }
}

/** unicodePwd: in quotes, in UTF-16 (MS-ADTS: unicodePwd). */
export function passwordValue(password: string): Buffer {
  return Buffer.from(`"${password}"`, 'utf16le');
}
