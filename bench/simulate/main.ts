/** Plans of every kind of step in every place: each promise of the engine, in 100,000 histories. */
import { benchHistories } from './histories.ts';

await benchHistories({ bench: 'simulate', focus: 'every option', histories: 100_000, onlySigned: false });
