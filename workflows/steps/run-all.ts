import type { Port } from '../port.ts';

/**
 * Runs the bodies at the same time. When one fails, the others are cancelled and awaited before the first failure is
 * thrown, so that nothing is left running behind.
 */
export async function runAll(bodies: ((port: Port) => Promise<void>)[], port: Port): Promise<void> {
  let firstError: unknown;
  let failed = false;
  const scope = port.scope(async (child) => {
    await Promise.all(
      bodies.map(async (body) => {
        try {
          await body(child);
        } catch (error) {
          if (failed) return;
          failed = true;
          firstError = error;
          scope.cancel();
        }
      }),
    );
  });
  await scope.result;
  if (failed) throw firstError;
}
