/** Why an editor offers nothing for a diagnostic. */
export const withoutMend: Readonly<Record<string, readonly string[]>> = {};
