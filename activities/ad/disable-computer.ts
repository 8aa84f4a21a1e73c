import { Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { ensureAccount } from './account.ts';
import * as fields from './fields.ts';

const output = Type.Object({
  id: fields.id,
  name: Type.String({ description: 'What the account is called.' }),
  disabled: Type.Boolean({
    description: 'True when this step disabled the account, false when it was disabled already.',
  }),
});

export const disableComputer = defineAction({
  name: 'ad.disableComputer',
  title: 'Disable a computer',
  description:
    'Keeps a computer, and everybody who would sign in on it, from the domain. Its undo enables it, also when it had been disabled before.',
  effect: 'write',
  source: 'MS-ADTS: userAccountControl',
  input: fields.onlyComputer,
  output,
  undo: 'ad.enableComputer',
  examples: [{ title: 'A laptop that was lost', with: { computer: 'LAPTOP-0042' } }],

  ...ensureAccount('computer', ({ computer }: { computer: string }) => computer, 'disabled'),
});
