import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import * as fields from './fields.ts';
import { ensureMoved, output, to } from './moving.ts';

const input = Type.Object(
  {
    user: fields.user,
    to,
    name: Type.Optional(
      Type.String({ minLength: 1, description: 'New name of the entry, such as a new family name.' }),
    ),
  },
  { additionalProperties: false },
);

export const moveUser = defineAction({
  name: 'ad.moveUser',
  title: 'Move or rename an account',
  description:
    'Moves a person to another organisational unit, whose policies then apply, or gives the entry another name. Groups and the object id stay.',
  effect: 'write',
  source: 'MS-ADTS: Modify DN Operation',
  input,
  output,
  undo: 'ad.moveUser',
  examples: [
    {
      title: 'To the leavers',
      with: { user: 'a.lee@corp.example.com', to: 'OU=Leavers,DC=corp,DC=example,DC=com' },
    },
  ],

  ...ensureMoved<Static<typeof input>>('user', ({ user }) => user),
});
