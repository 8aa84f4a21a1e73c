/** Who is signed in, for what a page offers them. */
import { createContext, useContext } from 'react';
import type { Me } from '../api/types.ts';

const Context = createContext<Me>({ id: '', roles: [] });

export const MeProvider = Context.Provider;

export const useMe = (): Me => useContext(Context);
