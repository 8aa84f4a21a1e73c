/** What somebody threw, as text for a message: an error's own words, without its stack. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
