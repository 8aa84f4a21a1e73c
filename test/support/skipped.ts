/** Says in one line why tests are skipped, and how to have them run; Jest's own `console` would add a stack. */
export function skipped(why: string): void {
  process.stderr.write(`Skipped: ${why}\n`);
}

const contracts = 'Set COUNTERSIGN_SPECS to the folder of the reference contracts to run them.';

export function withoutContracts(what: string): void {
  skipped(`${what}. ${contracts}`);
}
