/** `signIn`: how people sign in. */

import { type Around, readMap, type Section } from '../section.ts';
import { checkSignIn, type SignInSettings, signInSchema } from '../sign-in.ts';

export const signIn = {
  rank: 15,
  schema: signInSchema,
  secrets: true,
  check(node, around: Around) {
    const roles = around.section('roles');
    checkSignIn(node, roles?.kind === 'map' ? roles.entries.map(({ key }) => key) : [], around.reporter);
  },
  read: (node, around) => readMap(node, around) as SignInSettings,
} satisfies Section<SignInSettings>;
