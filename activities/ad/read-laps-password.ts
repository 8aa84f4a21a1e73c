import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { isObject, parsedAnswer } from '../kit/answers.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import type { AdClient } from './client.ts';
import type { Directory } from './directory.ts';
import type { Entry } from './entry.ts';
import * as fields from './fields.ts';
import { any, is } from './filters.ts';
import { findSurely } from './find.ts';
import { fileTimeToIso } from './times.ts';

const output = Type.Object({
  password: Type.String({ description: 'Password of the local administrator. Sealed.' }),
  account: Type.Optional(Type.String({ description: 'Name of that account, where it is known.' })),
  expires: Type.Optional(Type.String({ description: 'When the computer sets another one.' })),
});

/** Of Windows LAPS in the clear, of it encrypted, and of the one before it. */
const names = {
  windows: 'msLAPS-Password',
  encrypted: 'msLAPS-EncryptedPassword',
  legacy: 'ms-Mcs-AdmPwd',
} as const;
const expiry = { windows: 'msLAPS-PasswordExpirationTime', legacy: 'ms-Mcs-AdmPwdExpirationTime' } as const;

export const readLapsPassword = defineAction({
  name: 'ad.readLapsPassword',
  title: 'Read the password of a local administrator',
  description:
    'Reads the password that a computer has set for its local administrator and keeps in Active Directory, in the manner of Windows or of Microsoft’s tool before it. One that is kept encrypted is not read, and that is said.',
  effect: 'read',
  source: 'Windows LAPS: schema extensions reference',
  input: fields.onlyComputer,
  output,
  sensitive: ['password'],
  examples: [{ title: 'To help on site', with: { computer: 'LAPTOP-0042' } }],

  run: ({ computer }, { client, conceal }: ActionContext<AdClient>) =>
    client.session(async (directory) => {
      const known = await inSchema(directory);
      if (known.size === 0)
        throw new PermanentFailure(
          'The schema of this domain has no passwords of local administrators (LAPS). Extend it, or look where else they are kept.',
        );
      const wanted = [...Object.values(names), ...Object.values(expiry)].filter((name) => known.has(name));
      const entry = await findSurely(directory, 'computer', computer, wanted);
      const found = passwordOf(entry);
      if (!found) throw new PermanentFailure(nothing(entry, computer));
      conceal(found.password);
      return found;
    }),
});

/** An attribute that the schema has not would find no entry's values on one server, and be refused by another. */
async function inSchema(directory: Directory): Promise<Set<string>> {
  const wanted = [...Object.values(names), ...Object.values(expiry)];
  // The schema belongs to the forest, and need not stand below this domain.
  const root = await directory.read('', ['schemaNamingContext']);
  const found = await directory.search({
    base: root?.text('schemaNamingContext') ?? '',
    filter: any(...wanted.map((name) => is('lDAPDisplayName', name))),
    attributes: ['lDAPDisplayName'],
    scope: 'one',
  });
  return new Set(found.flatMap((entry) => entry.texts('lDAPDisplayName')));
}

function passwordOf(entry: Entry): Static<typeof output> | undefined {
  const kept = parsedAnswer(entry.text(names.windows) ?? '');
  // `n`: the account, `p`: its password.
  if (isObject(kept) && typeof kept.p === 'string')
    return {
      password: kept.p,
      ...defined({
        account: typeof kept.n === 'string' ? kept.n : undefined,
        expires: fileTimeToIso(entry.text(expiry.windows)),
      }),
    };
  const password = entry.text(names.legacy);
  if (password === undefined) return undefined;
  return { password, ...defined({ expires: fileTimeToIso(entry.text(expiry.legacy)) }) };
}

function nothing(entry: Entry, computer: string): string {
  if (entry.bytes(names.encrypted).length > 0)
    return `The password of ${computer} is kept encrypted, for those only who may read it in Windows (Get-LapsADPassword). This action reads what is kept in the clear.`;
  return `${computer} has kept no password, or the account of the connector may not read it. Delegate the right to it (Set-LapsADReadPasswordPermission).`;
}
