/** How long a worker that is asked to stop leaves what it has begun: in milliseconds. */
export const usualGraceMs = 5_000;
const longestGraceSeconds = 3_600;

/** COUNTERSIGN_GRACE: how many seconds what is under way has when the worker is asked to stop. */
export function graceMs(said = process.env.COUNTERSIGN_GRACE): number {
  if (said === undefined || said === '') return usualGraceMs;
  const seconds = /^\d{1,4}$/.test(said) ? Number(said) : Number.NaN;
  if (!(seconds >= 1 && seconds <= longestGraceSeconds))
    throw new Error(
      `COUNTERSIGN_GRACE is "${said}". Write a number of seconds from 1 to ${longestGraceSeconds}, such as 60.`,
    );
  return seconds * 1_000;
}
