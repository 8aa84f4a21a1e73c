/** Found by Temporal's bundler under this name; see `workflowInterceptorModules` in the build. */
import type { WorkflowInterceptors } from '@temporalio/workflow';
import { handOver } from './journal.ts';

export const interceptors = (): WorkflowInterceptors => ({
  internals: [
    {
      concludeActivation(input, next) {
        handOver();
        return next(input);
      },
    },
  ],
});
