import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import * as fields from './fields.ts';
import { ensureMoved, output } from './moving.ts';

const input = Type.Object(
  { computer: fields.computer, to: fields.container('Organisational unit to move it to') },
  { additionalProperties: false },
);

export const moveComputer = defineAction({
  name: 'ad.moveComputer',
  title: 'Move a computer',
  description: 'Moves a computer to another organisational unit, whose policies then apply.',
  effect: 'write',
  source: 'MS-ADTS: Modify DN Operation',
  input,
  output,
  undo: 'ad.moveComputer',
  examples: [
    {
      title: 'To its department',
      with: { computer: 'LAPTOP-0042', to: 'OU=Sales,DC=corp,DC=example,DC=com' },
    },
  ],

  ...ensureMoved<Static<typeof input>>('computer', ({ computer }) => computer),
});
