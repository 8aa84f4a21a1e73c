import { Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { ensureAccount } from './account.ts';
import * as fields from './fields.ts';

const output = Type.Object({
  id: fields.id,
  name: Type.String({ description: 'What the account is called.' }),
  enabled: Type.Boolean({
    description: 'True when this step enabled the account, false when it was enabled already.',
  }),
});

export const enableComputer = defineAction({
  name: 'ad.enableComputer',
  title: 'Enable a computer',
  description: 'Lets a computer take part in the domain again.',
  effect: 'write',
  source: 'MS-ADTS: userAccountControl',
  input: fields.onlyComputer,
  output,

  examples: [{ title: 'A laptop that was found', with: { computer: 'LAPTOP-0042' } }],

  ...ensureAccount('computer', ({ computer }: { computer: string }) => computer, 'enabled'),
});
