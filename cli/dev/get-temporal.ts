/** Gets a Temporal server while other things are built. The stack waits for it, and says why if there is none to be had. */
import { findBinary } from '../../processes/temporal/binary.ts';

if (!process.env.TEMPORAL_ADDRESS)
  await findBinary((line) => console.error(`  temporal  ${line}`)).catch(() => undefined);
