/** Plans in which much is signed and changed: was each write called with what enough of the right people signed, in 50,000 histories. */
import { benchHistories } from '../simulate/histories.ts';

await benchHistories({ bench: 'signed', focus: 'signatures', histories: 50_000, onlySigned: true });
