/** An e-mail address as people are known by, in lower case; undefined when it is none. */
export function addressOf(text: string): string | undefined {
  const address = text.trim().toLowerCase();
  return address.length <= 254 && /^[^\s@<>",;]+@[^\s@<>",;]+$/.test(address) ? address : undefined;
}
