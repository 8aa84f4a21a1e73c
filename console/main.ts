/** The first script: what the page needs is asked for before the rest of the console has come. */
import { begin } from './addresses.ts';

begin(location.pathname);
void import('./start.tsx');
