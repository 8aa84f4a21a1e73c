/** A test of a runbook on the virtual clock. */
import type { TestCase } from '../compiler/test-file/types.ts';
import { type RehearsalOptions, type Rehearsed, rehearse } from '../rehearsal/rehearse.ts';
import { startedBy } from './test-payload.ts';

/** What happened; or why nothing begins. */
export async function carriedOut(
  test: TestCase,
  file: string,
  around: Omit<RehearsalOptions, 'script'>,
): Promise<Rehearsed | { problems: string[] }> {
  const started = startedBy(test, file, around.plan, around.plans);
  if ('problem' in started) return { problems: [started.problem] };
  return rehearse({ ...around, script: started.test });
}
