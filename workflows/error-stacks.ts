/**
 * How much of a stack is taken down in the workflow's sandbox: the line that threw.
 *
 * Temporal's SDK makes an Error for each promise of a workflow, so that Temporal's UI can show where a run waits, and finds the source of
 * each of its frames; with the usual ten of them that was a fifth of all that a workflow's thread did. Where a run waits is told by its
 * view. With one frame the SDK's errors end in its own hook, and a fault of the engine still names the line that it comes from.
 *
 * Preloaded: later nobody may change `Error` in the sandbox.
 */
const frames = 1;

Error.stackTraceLimit = frames;
