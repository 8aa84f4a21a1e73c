/** Found by Temporal's bundler under this name; see `workflowInterceptorModules` in the build. */
import type { WorkflowInterceptors } from '@temporalio/workflow';
import { handOver } from './journal.ts';
import { endTask } from './task-room.ts';

export const interceptors = (): WorkflowInterceptors => ({
  internals: [
    {
      concludeActivation(input, next) {
        handOver();
        endTask();
        return next(input);
      },
    },
  ],
});
