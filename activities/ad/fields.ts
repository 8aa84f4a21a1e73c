/** Inputs and outputs that several actions have. */
import { Type } from 'typebox';

export const user = Type.String({
  minLength: 1,
  maxLength: 1_024,
  description:
    'Sign-in name, account name, e-mail address, object id or distinguished name of the person. The object id stays when the account is renamed or moved.',
});

export const group = Type.String({
  minLength: 1,
  maxLength: 1_024,
  description: 'Name, object id or distinguished name of the group.',
});

export const computer = Type.String({
  minLength: 1,
  maxLength: 1_024,
  description: 'Name, host name, object id or distinguished name of the computer.',
});

export const container = (what: string) =>
  Type.String({
    pattern: '^(OU|CN|DC|ou|cn|dc)=.+$',
    maxLength: 4_096,
    description: `${what}, by its distinguished name.`,
  });

export const onlyUser = Type.Object({ user }, { additionalProperties: false });
export const onlyComputer = Type.Object({ computer }, { additionalProperties: false });

export const id = Type.String({
  description: 'Object id, which stays when the entry is renamed, moved, or deleted and restored.',
});
export const distinguishedName = Type.String({ description: 'Distinguished name: where it stands now.' });

export const groupAndReason = Type.Object({
  group: Type.String({ description: 'Name of the group.' }),
  reason: Type.String({ description: 'Why nothing was done.' }),
});
