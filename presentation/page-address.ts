/** Addresses of the console's pages: `/runs/:id` is one form of them. */

/** The values of `:name` parts if the path has this form: `/runs/:id`. */
export function matched(pattern: string, path: string): Record<string, string> | undefined {
  const partsOf = (text: string) => text.split('/').filter(Boolean);
  const [wanted, given] = [partsOf(pattern), partsOf(path)];
  if (wanted.length !== given.length) return undefined;
  const values: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith(':')) values[part.slice(1)] = decoded(value);
    else if (part !== value) return undefined;
  }
  return values;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A form of addresses with the values in their places, each written so that it stays one part. */
export function filledIn(pattern: string, values: Readonly<Record<string, string>>): string {
  return pattern.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
}
