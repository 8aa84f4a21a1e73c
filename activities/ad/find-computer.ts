import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { isDisabled } from './account.ts';
import type { AdClient } from './client.ts';
import * as fields from './fields.ts';
import { find } from './find.ts';
import { fileTimeToIso } from './times.ts';

const optional = (description: string) => Type.Optional(Type.String({ description }));

const output = Type.Object({
  found: Type.Boolean({ description: 'Whether there is such a computer.' }),
  id: Type.Optional(fields.id),
  name: optional('Name of the computer.'),
  hostName: optional('Full host name.'),
  distinguishedName: Type.Optional(fields.distinguishedName),
  operatingSystem: optional('Operating system.'),
  enabled: Type.Optional(Type.Boolean({ description: 'Whether it may take part in the domain.' })),
  lastSignIn: optional('When it last signed in, up to two weeks late.'),
  managedBy: optional('Distinguished name of the person it is given to.'),
});

export const findComputer = defineAction({
  name: 'ad.findComputer',
  title: 'Look a computer up',
  description: 'Looks a computer up in Active Directory. Says so when there is none, which is no failure.',
  effect: 'read',
  source: 'MS-ADTS: Search Operation',
  input: fields.onlyComputer,
  output,
  examples: [{ title: 'By name', with: { computer: 'LAPTOP-0042' } }],

  run: ({ computer }, { client }: ActionContext<AdClient>) =>
    client.session(async (directory): Promise<Static<typeof output>> => {
      const wanted = [
        'cn',
        'dNSHostName',
        'operatingSystem',
        'userAccountControl',
        'lastLogonTimestamp',
        'managedBy',
      ];
      const entry = await find(directory, 'computer', computer, wanted);
      if (!entry) return { found: false };
      return {
        found: true,
        id: entry.id,
        distinguishedName: entry.dn,
        enabled: !isDisabled({ control: entry.number('userAccountControl') ?? 0 }),
        ...defined({
          name: entry.text('cn'),
          hostName: entry.text('dNSHostName'),
          operatingSystem: entry.text('operatingSystem'),
          lastSignIn: fileTimeToIso(entry.text('lastLogonTimestamp')),
          managedBy: entry.text('managedBy'),
        }),
      };
    }),
});
