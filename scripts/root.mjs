import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where the test run's counts are kept, for the closing line of `npm test`. */
export const countsFile = join(root, '.countersign', 'test-counts.json');
